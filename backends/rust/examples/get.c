/*
 * Fetches a URL's resource and prints the status, and the body to the last byte.
 *
 *     cargo build -p winhttp-rust
 *     cc -std=c11 -Ibackends/rust/include backends/rust/examples/get.c \
 *        -Ltarget/debug -lwinhttp -Wl,-rpath,target/debug -o get
 *     ./get localhost 8080 /index.html
 */
#include <stdio.h>
#include <stdlib.h>
#include <winhttp.h>

static int failed(const char *function)
{
    fprintf(stderr, "%s: error %u\n", function, GetLastError());
    return 1;
}

/* ASCII to UTF-16; the arguments of a program are bytes. */
static WCHAR *widen(const char *text, WCHAR *buffer, size_t room)
{
    size_t i = 0;
    for (; text[i] != '\0' && i + 1 < room; i++)
        buffer[i] = (unsigned char)text[i];
    buffer[i] = 0;
    return buffer;
}

static int get(HINTERNET request)
{
    DWORD status = 0, length = sizeof status, count = 0;
    BYTE buffer[8192];

    if (!WinHttpSendRequest(request, WINHTTP_NO_ADDITIONAL_HEADERS, 0, WINHTTP_NO_REQUEST_DATA, 0, 0, 0))
        return failed("WinHttpSendRequest");
    if (!WinHttpReceiveResponse(request, NULL))
        return failed("WinHttpReceiveResponse");
    if (!WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                             WINHTTP_HEADER_NAME_BY_INDEX, &status, &length, WINHTTP_NO_HEADER_INDEX))
        return failed("WinHttpQueryHeaders");
    printf("status %u\n", status);
    do {
        if (!WinHttpReadData(request, buffer, sizeof buffer, &count))
            return failed("WinHttpReadData");
        fwrite(buffer, 1, count, stdout);
    } while (count > 0);
    return 0;
}

int main(int argc, char **argv)
{
    WCHAR server[256], path[1024];
    DWORD timeout = 5000;
    HINTERNET session, connection, request;
    int result;

    if (argc != 4) {
        fprintf(stderr, "usage: %s server port path\n", argv[0]);
        return 2;
    }
    session = WinHttpOpen(u"get/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_NO_PROXY_NAME, WINHTTP_NO_PROXY_BYPASS, 0);
    if (session == NULL)
        return failed("WinHttpOpen");
    if (!WinHttpSetOption(session, WINHTTP_OPTION_CONNECT_TIMEOUT, &timeout, sizeof timeout))
        return failed("WinHttpSetOption");
    connection = WinHttpConnect(session, widen(argv[1], server, 256), (INTERNET_PORT)atoi(argv[2]), 0);
    if (connection == NULL)
        return failed("WinHttpConnect");
    request = WinHttpOpenRequest(connection, u"GET", widen(argv[3], path, 1024), NULL, WINHTTP_NO_REFERER,
                                 WINHTTP_DEFAULT_ACCEPT_TYPES, 0);
    if (request == NULL)
        return failed("WinHttpOpenRequest");
    result = get(request);
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connection);
    WinHttpCloseHandle(session);
    return result;
}
