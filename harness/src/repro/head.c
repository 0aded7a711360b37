 *
 * Build: x86_64-w64-mingw32-gcc repro.c -o repro.exe, or: cl repro.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

typedef ULONG_PTR (WINAPI *function)(ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR,
                                     ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR);

static HMODULE library;
static ULONG_PTR port;

/* What came, in the order in which it came. */
static struct { ULONG_PTR handle; DWORD status; } seen[4096];
static volatile LONG seen_count;

static void load(void)
{
    library = LoadLibraryA("winhttp.dll");
    if (!library) {
        printf("winhttp.dll could not be loaded\n");
        exit(2);
    }
}

/* Every function takes at most twelve words; what is too much is not looked at. */
static ULONG_PTR call(const char *name, DWORD before, int count, const ULONG_PTR *given)
{
    ULONG_PTR a[12] = { 0 }, value;
    DWORD error;
    function f = (function)(void *)GetProcAddress(library, name);
    if (!f)
        f = (function)(void *)GetProcAddress(GetModuleHandleA("kernel32.dll"), name);
    if (!f) {
        printf("%s is not exported\n", name);
        return 0;
    }
    memcpy(a, given, count * sizeof *given);
    SetLastError(before);
    value = f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11]);
    error = GetLastError();
    printf("%s: returned 0x%llx, last error %lu\n", name, (unsigned long long)value, (unsigned long)error);
    return value;
}

static ULONG_PTR get(const unsigned char *buffer, int offset)
{
    ULONG_PTR value;
    memcpy(&value, buffer + offset, sizeof value);
    return value;
}

static void put(unsigned char *buffer, int offset, ULONG_PTR value)
{
    memcpy(buffer + offset, &value, sizeof value);
}

/* Five digits: lengths were counted with so many. */
static void write_port(unsigned char *text, ULONG_PTR port)
{
    char digits[32];
    int i;
    if (sprintf(digits, "%lu", (unsigned long)port) != 5) {
        printf("give a port of five digits\n");
        exit(2);
    }
    for (i = 0; i < 5; i++)
        text[2 * i] = digits[i];
}

static void dump(const char *name, const unsigned char *bytes, int length)
{
    int i;
    printf("  %s:", name);
    for (i = 0; i < length && i < 64; i++)
        printf(" %02x", bytes[i]);
    printf("\n");
}

/* What lies behind a pointer: that at the first offset, or behind it the one at the second, and so forth. */
#define WIDE_TEXT -2
#define NARROW_TEXT -1
static void dump_behind(const char *name, const unsigned char *bytes, int count, const int *offsets, int length)
{
    char path[128];
    int i, written = snprintf(path, sizeof path, "%s", name);
    for (i = 0; i < count && bytes; i++) {
        bytes = (const unsigned char *)get(bytes, offsets[i]);
        if (written < (int)sizeof path)
            written += snprintf(path + written, sizeof path - written, "[%d] ->", offsets[i]);
    }
    if (!bytes)
        printf("  %s: NULL\n", path);
    else if (length == WIDE_TEXT)
        printf("  %s: %ls\n", path, (const wchar_t *)bytes);
    else if (length == NARROW_TEXT)
        printf("  %s: %s\n", path, (const char *)bytes);
    else
        dump(path, bytes, length);
}

/* What is to be done in callbacks. What is still at work in one when the program ends is not waited for. */
static struct {
    int count;
    DWORD statuses[8];
    ULONG_PTR handle;
    volatile LONG left;
    LPTHREAD_START_ROUTINE block;
    HANDLE done;
} armed[64];
static volatile LONG armed_count;

static void arm(int count, const DWORD *statuses, ULONG_PTR handle, int nth, LPTHREAD_START_ROUTINE block,
                HANDLE *done)
{
    LONG at = armed_count;
    armed[at].count = count < 8 ? count : 8;
    memcpy(armed[at].statuses, statuses, armed[at].count * sizeof *statuses);
    armed[at].handle = handle;
    armed[at].left = nth;
    armed[at].block = block;
    armed[at].done = *done = CreateEventA(NULL, TRUE, FALSE, NULL);
    InterlockedIncrement(&armed_count);
}

static void react(ULONG_PTR handle, DWORD status)
{
    LONG at;
    int i;
    DWORD error = GetLastError();
    for (at = 0; at < armed_count; at++)
        for (i = 0; i < armed[at].count; i++)
            if (armed[at].statuses[i] == status && (!armed[at].handle || armed[at].handle == handle)
                && InterlockedDecrement(&armed[at].left) == 0) {
                armed[at].block((void *)handle);
                SetEvent(armed[at].done);
            }
    SetLastError(error);
}

static void join(HANDLE done, DWORD milliseconds)
{
    if (WaitForSingleObject(done, milliseconds) != WAIT_OBJECT_0)
        printf("  the steps are not done\n");
}

static void WINAPI recorder(void *handle, ULONG_PTR context, DWORD status, void *information, DWORD length)
{
    LONG at;
    printf("  callback: handle %p, context 0x%llx, status 0x%lx, information %p, length %lu, thread %lu\n", handle,
           (unsigned long long)context, (unsigned long)status, information, (unsigned long)length,
           (unsigned long)GetCurrentThreadId());
    at = InterlockedIncrement(&seen_count) - 1;
    if (at < 4096) {
        seen[at].handle = (ULONG_PTR)handle;
        seen[at].status = status;
    }
    react((ULONG_PTR)handle, status);
}

/* How many callbacks with one of these statuses came, on one handle or on any. */
static int came(int count, const DWORD *statuses, ULONG_PTR handle)
{
    int at, i, found = 0;
    for (at = 0; at < seen_count && at < 4096; at++)
        for (i = 0; i < count; i++)
            if (seen[at].status == statuses[i] && (!handle || seen[at].handle == handle))
                found++;
    return found;
}

static void wait_for(int count, const DWORD *statuses, ULONG_PTR handle, int times, DWORD milliseconds)
{
    DWORD waited;
    for (waited = 0; came(count, statuses, handle) < times && waited < milliseconds; waited += 10)
        Sleep(10);
    printf("  status 0x%lx %s\n", (unsigned long)statuses[0],
           came(count, statuses, handle) < times ? "did not come" : "came");
}

/* Not every program uses them all. */
void *unused[] = { (void *)get, (void *)put, (void *)write_port, (void *)dump, (void *)dump_behind,
                   (void *)recorder, (void *)wait_for, (void *)arm, (void *)join, (void *)&port };

