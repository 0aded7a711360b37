/*
 * What a WinHTTP does with a benchmark's peer. The same source is a program for Linux and one for Windows.
 *
 *     winhttp one|many|down|up|idle PORT COUNT
 *
 *     one   so many small requests, one after the other
 *     many  so many small requests, 64 at once, in an asynchronous session
 *     down  one response of so many bytes
 *     up    one request of so many bytes
 *     idle  so many milliseconds in which nothing happens, after a request
 *
 * Prints: nanoseconds on the wall, nanoseconds of the processor, KiB of memory at the peak.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef _WIN32
#include <windows.h>
#include <winhttp.h>
#else
#include <winhttp.h>
#endif

enum { PIECE = 64 * 1024, AT_ONCE = 64 };

static const WCHAR agent[] = {'b', 0}, local[] = {'1', '2', '7', '.', '0', '.', '0', '.', '1', 0};
static const WCHAR small_path[] = {'/', 's', 0}, large_path[] = {'/', 'l', 0};
static const WCHAR get[] = {'G', 'E', 'T', 0}, put[] = {'P', 'U', 'T', 0};
static BYTE piece[PIECE];

static void fail(const char *what)
{
    fprintf(stderr, "%s: error %u\n", what, (unsigned)GetLastError());
    exit(1);
}

static HINTERNET must(HINTERNET handle, const char *what)
{
    if (handle == NULL)
        fail(what);
    return handle;
}

static long long nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Of this program alone: what getrusage tells has its parent's as well. 0 where that is not known. */
static long peak(void)
{
    char line[256];
    long peak = 0;
    FILE *status = fopen("/proc/self/status", "r");

    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmHWM: %ld", &peak) == 1)
            break;
    if (status != NULL)
        fclose(status);
    return peak;
}

/* Receives a response and reads it to its end. */
static unsigned long long finish(HINTERNET request)
{
    unsigned long long sum = 0;
    DWORD count;

    if (!WinHttpReceiveResponse(request, NULL))
        fail("WinHttpReceiveResponse");
    do {
        if (!WinHttpReadData(request, piece, PIECE, &count))
            fail("WinHttpReadData");
        sum += count;
    } while (count > 0);
    return sum;
}

static HINTERNET open_request(HINTERNET connection, const WCHAR *verb, const WCHAR *path)
{
    return must(WinHttpOpenRequest(connection, verb, path, NULL, NULL, NULL, 0), "WinHttpOpenRequest");
}

static void one(HINTERNET connection, long long count)
{
    while (count-- > 0) {
        HINTERNET request = open_request(connection, get, small_path);
        if (!WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0))
            fail("WinHttpSendRequest");
        finish(request);
        WinHttpCloseHandle(request);
    }
}

static void down(HINTERNET connection, long long count)
{
    HINTERNET request = open_request(connection, get, large_path);
    if (!WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0))
        fail("WinHttpSendRequest");
    if (finish(request) != (unsigned long long)count)
        fail("length");
    WinHttpCloseHandle(request);
}

static void up(HINTERNET connection, long long count)
{
    HINTERNET request = open_request(connection, put, large_path);
    if (!WinHttpSendRequest(request, NULL, 0, NULL, 0, (DWORD)count, 0))
        fail("WinHttpSendRequest");
    while (count > 0) {
        DWORD written = 0, length = count < PIECE ? (DWORD)count : PIECE;
        if (!WinHttpWriteData(request, piece, length, &written))
            fail("WinHttpWriteData");
        count -= written;
    }
    finish(request);
    WinHttpCloseHandle(request);
}

/* Of `many`: how many requests are still to begin, and to end. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t done;
    long long begin, end;
} left = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};

static HINTERNET many_connection;
static BYTE buffers[AT_ONCE][1024];

/* The context value is the place among the 64. */
static void begin(DWORD_PTR place)
{
    HINTERNET request;
    int wanted;

    pthread_mutex_lock(&left.lock);
    wanted = left.begin > 0;
    left.begin -= wanted;
    pthread_mutex_unlock(&left.lock);
    if (!wanted)
        return;
    request = open_request(many_connection, get, small_path);
    if (!WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, place + 1))
        fail("WinHttpSendRequest");
}

static void CALLBACK notified(HINTERNET request, DWORD_PTR context, DWORD status, LPVOID information, DWORD length)
{
    DWORD_PTR place = context - 1;

    (void)information;
    switch (status) {
    case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
        if (!WinHttpReceiveResponse(request, NULL))
            fail("WinHttpReceiveResponse");
        break;
    case WINHTTP_CALLBACK_STATUS_READ_COMPLETE:
        if (length == 0) {
            WinHttpCloseHandle(request);
            pthread_mutex_lock(&left.lock);
            if (--left.end == 0)
                pthread_cond_signal(&left.done);
            pthread_mutex_unlock(&left.lock);
            begin(place);
            break;
        }
        /* fall through */
    case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE:
        if (!WinHttpReadData(request, buffers[place], sizeof buffers[place], NULL))
            fail("WinHttpReadData");
        break;
    case WINHTTP_CALLBACK_STATUS_REQUEST_ERROR:
        fprintf(stderr, "asynchronous: error %u\n", (unsigned)((WINHTTP_ASYNC_RESULT *)information)->dwError);
        exit(1);
    }
}

static void many(HINTERNET connection, long long count)
{
    DWORD notices = WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE | WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE |
                    WINHTTP_CALLBACK_STATUS_READ_COMPLETE | WINHTTP_CALLBACK_STATUS_REQUEST_ERROR;
    DWORD_PTR place;

    if (WinHttpSetStatusCallback(connection, notified, notices, 0) == WINHTTP_INVALID_STATUS_CALLBACK)
        fail("WinHttpSetStatusCallback");
    many_connection = connection;
    left.begin = left.end = count;
    for (place = 0; place < AT_ONCE; place++)
        begin(place);
    pthread_mutex_lock(&left.lock);
    while (left.end > 0)
        pthread_cond_wait(&left.done, &left.lock);
    pthread_mutex_unlock(&left.lock);
}

static void idle(long long milliseconds)
{
    struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&rest, NULL);
}

int main(int count, char **arguments)
{
    HINTERNET session, connection;
    long long wall, processor, amount;
    const char *mode = count > 1 ? arguments[1] : "";

    if (count != 4) {
        fprintf(stderr, "usage: %s one|many|down|up|idle PORT COUNT\n", arguments[0]);
        return 2;
    }
    amount = atoll(arguments[3]);
    session = must(WinHttpOpen(agent, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL,
                               strcmp(mode, "many") == 0 ? WINHTTP_FLAG_ASYNC : 0), "WinHttpOpen");
    connection = must(WinHttpConnect(session, local, (INTERNET_PORT)atoi(arguments[2]), 0), "WinHttpConnect");
    if (strcmp(mode, "idle") == 0)
        one(connection, 1);
    wall = nanoseconds(CLOCK_MONOTONIC);
    processor = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    if (strcmp(mode, "one") == 0)
        one(connection, amount);
    else if (strcmp(mode, "many") == 0)
        many(connection, amount);
    else if (strcmp(mode, "down") == 0)
        down(connection, amount);
    else if (strcmp(mode, "up") == 0)
        up(connection, amount);
    else
        idle(amount);
    processor = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - processor;
    wall = nanoseconds(CLOCK_MONOTONIC) - wall;
    printf("%lld %lld %ld\n", wall, processor, peak());
    fflush(stdout);
    /* Callbacks of requests that have just ended may still run: nothing is closed under them. */
    _Exit(0);
}
