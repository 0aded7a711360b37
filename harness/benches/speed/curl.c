/*
 * What libcurl does with a benchmark's peer: the easy interface, and the multi interface for several requests at once.
 * The library is loaded at run time, so that neither its header nor its presence is needed to build this.
 *
 *     curl one|many|down|up PORT COUNT
 *
 * Prints: nanoseconds on the wall, nanoseconds of the processor, KiB of memory at the peak. Exits with 77 where there
 * is no libcurl.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIECE = 64 * 1024, AT_ONCE = 64, NOT_THERE = 77 };

/* Of libcurl's ABI, which never changes: options are numbers plus a type's base. */
enum {
    OPTION_UPLOAD = 46, OPTION_BUFFERSIZE = 98, OPTION_NOSIGNAL = 99, OPTION_UPLOAD_BUFFERSIZE = 280,
    OPTION_URL = 10002, OPTION_PROXY = 10004, OPTION_HTTPHEADER = 10023,
    OPTION_WRITEFUNCTION = 20011, OPTION_READFUNCTION = 20012, OPTION_INFILESIZE_LARGE = 30115,
    MESSAGE_DONE = 1
};

struct message {
    int kind;
    void *easy;
    union {
        void *pointer;
        int result;
    } data;
};

static int (*global_init)(long);
static void *(*easy_init)(void);
static int (*easy_setopt)(void *, int, ...);
static int (*easy_perform)(void *);
static void *(*multi_init)(void);
static int (*multi_add_handle)(void *, void *);
static int (*multi_remove_handle)(void *, void *);
static int (*multi_perform)(void *, int *);
static int (*multi_wait)(void *, void *, unsigned, int, int *);
static struct message *(*multi_info_read)(void *, int *);
static void *(*slist_append)(void *, const char *);

static long long received, to_send;
static char url[64];

static void fail(const char *what)
{
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static void load(void)
{
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
    void *library = NULL;
    size_t i;

    for (i = 0; library == NULL && i < sizeof names / sizeof *names; i++)
        library = dlopen(names[i], RTLD_NOW);
    if (library == NULL)
        exit(NOT_THERE);
#define LOAD(name)                                           \
    if ((*(void **)&name = dlsym(library, "curl_" #name)) == NULL) \
        fail(#name)
    LOAD(global_init);
    LOAD(easy_init);
    LOAD(easy_setopt);
    LOAD(easy_perform);
    LOAD(multi_init);
    LOAD(multi_add_handle);
    LOAD(multi_remove_handle);
    LOAD(multi_perform);
    LOAD(multi_wait);
    LOAD(multi_info_read);
    LOAD(slist_append);
}

static size_t take(char *data, size_t size, size_t count, void *context)
{
    (void)data, (void)context;
    received += size * count;
    return size * count;
}

static size_t give(char *data, size_t size, size_t count, void *context)
{
    size_t length = size * count;

    (void)context;
    if ((long long)length > to_send)
        length = (size_t)to_send;
    memset(data, 0, length);
    to_send -= length;
    return length;
}

static void *easy(void)
{
    void *handle = easy_init();
    easy_setopt(handle, OPTION_URL, url);
    easy_setopt(handle, OPTION_PROXY, "");
    easy_setopt(handle, OPTION_NOSIGNAL, 1L);
    easy_setopt(handle, OPTION_BUFFERSIZE, (long)PIECE);
    easy_setopt(handle, OPTION_WRITEFUNCTION, take);
    return handle;
}

static void one(long long count)
{
    void *handle = easy();
    while (count-- > 0)
        if (easy_perform(handle) != 0)
            fail("easy_perform");
}

static void many(long long count)
{
    void *multi = multi_init();
    long long begin = count, end = count;
    int running, queued;
    struct message *message;

    for (; begin > 0 && count - begin < AT_ONCE; begin--)
        multi_add_handle(multi, easy());
    while (end > 0) {
        if (multi_perform(multi, &running) != 0)
            fail("multi_perform");
        while ((message = multi_info_read(multi, &queued)) != NULL) {
            void *handle = message->easy;
            if (message->kind != MESSAGE_DONE || message->data.result != 0)
                fail("request");
            multi_remove_handle(multi, handle);
            end--;
            if (begin > 0) {
                begin--;
                multi_add_handle(multi, handle);
            }
        }
        if (end > 0)
            multi_wait(multi, NULL, 0, 1000, &running);
    }
}

static void down(long long count)
{
    void *handle = easy();
    if (easy_perform(handle) != 0 || received != count)
        fail("easy_perform");
}

static void up(long long count)
{
    void *handle = easy();
    to_send = count;
    easy_setopt(handle, OPTION_UPLOAD, 1L);
    easy_setopt(handle, OPTION_UPLOAD_BUFFERSIZE, (long)PIECE);
    easy_setopt(handle, OPTION_READFUNCTION, give);
    easy_setopt(handle, OPTION_INFILESIZE_LARGE, count);
    /* Else it waits for the peer's leave. */
    easy_setopt(handle, OPTION_HTTPHEADER, slist_append(NULL, "Expect:"));
    if (easy_perform(handle) != 0)
        fail("easy_perform");
}

static long long nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Of this program alone: what getrusage tells has its parent's as well. */
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

int main(int count, char **arguments)
{
    long long wall, processor, amount;
    const char *mode = count > 1 ? arguments[1] : "";
    int large = strcmp(mode, "down") == 0 || strcmp(mode, "up") == 0;

    if (count != 4) {
        fprintf(stderr, "usage: %s one|many|down|up PORT COUNT\n", arguments[0]);
        return 2;
    }
    amount = atoll(arguments[3]);
    load();
    global_init(3);
    snprintf(url, sizeof url, "http://127.0.0.1:%s/%c", arguments[2], large ? 'l' : 's');
    wall = nanoseconds(CLOCK_MONOTONIC);
    processor = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    if (strcmp(mode, "one") == 0)
        one(amount);
    else if (strcmp(mode, "many") == 0)
        many(amount);
    else if (strcmp(mode, "down") == 0)
        down(amount);
    else
        up(amount);
    processor = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - processor;
    wall = nanoseconds(CLOCK_MONOTONIC) - wall;
    printf("%lld %lld %ld\n", wall, processor, peak());
    return 0;
}
