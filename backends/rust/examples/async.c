/*
 * Downloads a resource without waiting in any call: each step begins in the callback that tells of the one before.
 *
 *     cargo build -p winhttp-rust
 *     cc -std=c11 -pthread -Ibackends/rust/include backends/rust/examples/async.c \
 *        -Ltarget/debug -lwinhttp -Wl,-rpath,target/debug -o async
 *     ./async localhost 8080 /index.html
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <winhttp.h>

/* One download; its address is the context value of the request. */
struct download {
    BYTE buffer[8192];
    int failed;
    int closed;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

/* Closing is the end in any case: its notification is the last one. */
static void end(HINTERNET request, struct download *download, const char *function, DWORD error)
{
    if (function != NULL) {
        fprintf(stderr, "%s: error %u\n", function, error);
        download->failed = 1;
    }
    WinHttpCloseHandle(request);
}

static void print_status(HINTERNET request)
{
    DWORD status = 0, length = sizeof status;
    if (WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                            WINHTTP_HEADER_NAME_BY_INDEX, &status, &length, WINHTTP_NO_HEADER_INDEX))
        printf("status %u\n", status);
}

static void CALLBACK notified(HINTERNET request, DWORD_PTR context, DWORD status, LPVOID information, DWORD length)
{
    struct download *download = (struct download *)context;
    const WINHTTP_ASYNC_RESULT *result = information;

    switch (status) {
    case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
        if (!WinHttpReceiveResponse(request, NULL))
            end(request, download, "WinHttpReceiveResponse", GetLastError());
        break;
    case WINHTTP_CALLBACK_STATUS_READ_COMPLETE:
        if (length == 0) {
            end(request, download, NULL, 0);
            break;
        }
        fwrite(download->buffer, 1, length, stdout);
        goto read;
    case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE:
        print_status(request);
    read:
        if (!WinHttpReadData(request, download->buffer, sizeof download->buffer, NULL))
            end(request, download, "WinHttpReadData", GetLastError());
        break;
    case WINHTTP_CALLBACK_STATUS_REQUEST_ERROR:
        end(request, download, "asynchronous call", result->dwError);
        break;
    case WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING:
        pthread_mutex_lock(&download->lock);
        download->closed = 1;
        pthread_cond_signal(&download->changed);
        pthread_mutex_unlock(&download->lock);
        break;
    }
}

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

int main(int argc, char **argv)
{
    static struct download download = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    DWORD notices = WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE | WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE |
                    WINHTTP_CALLBACK_STATUS_READ_COMPLETE | WINHTTP_CALLBACK_STATUS_REQUEST_ERROR |
                    WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING;
    WCHAR server[256], path[1024];
    HINTERNET session, connection, request;

    if (argc != 4) {
        fprintf(stderr, "usage: %s server port path\n", argv[0]);
        return 2;
    }
    session = WinHttpOpen(u"async/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_NO_PROXY_NAME, WINHTTP_NO_PROXY_BYPASS,
                          WINHTTP_FLAG_ASYNC);
    if (session == NULL)
        return failed("WinHttpOpen");
    connection = WinHttpConnect(session, widen(argv[1], server, 256), (INTERNET_PORT)atoi(argv[2]), 0);
    if (connection == NULL)
        return failed("WinHttpConnect");
    request = WinHttpOpenRequest(connection, u"GET", widen(argv[3], path, 1024), NULL, WINHTTP_NO_REFERER,
                                 WINHTTP_DEFAULT_ACCEPT_TYPES, 0);
    if (request == NULL)
        return failed("WinHttpOpenRequest");
    if (WinHttpSetStatusCallback(request, notified, notices, 0) == WINHTTP_INVALID_STATUS_CALLBACK)
        return failed("WinHttpSetStatusCallback");
    if (!WinHttpSendRequest(request, WINHTTP_NO_ADDITIONAL_HEADERS, 0, WINHTTP_NO_REQUEST_DATA, 0, 0,
                            (DWORD_PTR)&download))
        return failed("WinHttpSendRequest");

    pthread_mutex_lock(&download.lock);
    while (!download.closed)
        pthread_cond_wait(&download.changed, &download.lock);
    pthread_mutex_unlock(&download.lock);
    WinHttpCloseHandle(connection);
    WinHttpCloseHandle(session);
    return download.failed;
}
