/*
 * The calls of the benchmark's plan as a C program makes them: a session is opened, an option of it set and queried in
 * turn, the session closed. The last error is set before each call and read after it, as a plan does.
 *
 *     c_loop CALLS CALLS_OF_A_SESSION
 *
 * Prints: calls, nanoseconds on the wall, nanoseconds of the processor.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef _WIN32
#include <windows.h>
#include <winhttp.h>
#else
#include "winhttp.h"
#endif

static const WCHAR agent[] = {'c', 0};
static volatile DWORD last_error;

static long long nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int session(long calls)
{
    HINTERNET handle;
    DWORD value, length;
    long i;

    SetLastError(0);
    handle = WinHttpOpen(agent, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    last_error = GetLastError();
    if (!handle)
        return 0;
    for (i = 2; i < calls; i += 2) {
        value = 30000;
        SetLastError(0);
        if (!WinHttpSetOption(handle, WINHTTP_OPTION_CONNECT_TIMEOUT, &value, sizeof value))
            return 0;
        last_error = GetLastError();
        length = sizeof value;
        SetLastError(0);
        if (!WinHttpQueryOption(handle, WINHTTP_OPTION_CONNECT_TIMEOUT, &value, &length) || value != 30000)
            return 0;
        last_error = GetLastError();
    }
    SetLastError(0);
    if (!WinHttpCloseHandle(handle))
        return 0;
    last_error = GetLastError();
    return 1;
}

int main(int count, char **arguments)
{
    long calls, each, made;
    long long wall, processor;

    if (count != 3)
        return 2;
    calls = atol(arguments[1]);
    each = atol(arguments[2]);
    wall = nanoseconds(CLOCK_MONOTONIC);
    processor = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    for (made = 0; made < calls; made += each)
        if (!session(each))
            return 1;
    processor = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - processor;
    wall = nanoseconds(CLOCK_MONOTONIC) - wall;
    printf("%ld %lld %lld\n", made, wall, processor);
    return 0;
}
