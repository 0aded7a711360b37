/*
 * Uploads what it reads from standard input, piece by piece, and prints the status and the answer.
 *
 *     cargo build -p winhttp-rust
 *     cc -std=c11 -Ibackends/rust/include backends/rust/examples/put.c \
 *        -Ltarget/debug -lwinhttp -Wl,-rpath,target/debug -o put
 *     ./put localhost 8080 /file < file
 *
 * How long the body is need not be known before: it goes out in chunks, which the program makes itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <winhttp.h>

enum { PIECE = 64 * 1024 };

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

static int write_all(HINTERNET request, const void *data, size_t length)
{
    DWORD written = 0;
    return WinHttpWriteData(request, data, (DWORD)length, &written) && written == length;
}

/* An empty piece is the end of the body. */
static int write_chunk(HINTERNET request, const void *data, size_t length)
{
    char line[32];
    int count = snprintf(line, sizeof line, "%zx\r\n", length);
    return write_all(request, line, (size_t)count) && write_all(request, data, length) && write_all(request, "\r\n", 2);
}

static int put(HINTERNET request)
{
    static BYTE piece[PIECE];
    DWORD status = 0, length = sizeof status, count = 0;
    size_t got;

    if (!WinHttpSendRequest(request, u"Transfer-Encoding: chunked", (DWORD)-1, WINHTTP_NO_REQUEST_DATA, 0, 0, 0))
        return failed("WinHttpSendRequest");
    do {
        got = fread(piece, 1, sizeof piece, stdin);
        if (!write_chunk(request, piece, got))
            return failed("WinHttpWriteData");
    } while (got > 0);
    if (!WinHttpReceiveResponse(request, NULL))
        return failed("WinHttpReceiveResponse");
    if (!WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                             WINHTTP_HEADER_NAME_BY_INDEX, &status, &length, WINHTTP_NO_HEADER_INDEX))
        return failed("WinHttpQueryHeaders");
    printf("status %u\n", status);
    do {
        if (!WinHttpReadData(request, piece, sizeof piece, &count))
            return failed("WinHttpReadData");
        fwrite(piece, 1, count, stdout);
    } while (count > 0);
    return 0;
}

int main(int argc, char **argv)
{
    WCHAR server[256], path[1024];
    HINTERNET session, connection, request;
    int result;

    if (argc != 4) {
        fprintf(stderr, "usage: %s server port path\n", argv[0]);
        return 2;
    }
    session = WinHttpOpen(u"put/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_NO_PROXY_NAME, WINHTTP_NO_PROXY_BYPASS, 0);
    if (session == NULL)
        return failed("WinHttpOpen");
    connection = WinHttpConnect(session, widen(argv[1], server, 256), (INTERNET_PORT)atoi(argv[2]), 0);
    if (connection == NULL)
        return failed("WinHttpConnect");
    request = WinHttpOpenRequest(connection, u"PUT", widen(argv[3], path, 1024), NULL, WINHTTP_NO_REFERER,
                                 WINHTTP_DEFAULT_ACCEPT_TYPES, 0);
    if (request == NULL)
        return failed("WinHttpOpenRequest");
    result = put(request);
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connection);
    WinHttpCloseHandle(session);
    return result;
}
