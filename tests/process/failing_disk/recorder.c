// Interposes the calls that write and sync, and records those for `data.mdb`. From the record, a test builds the files that a power cut
// may leave. An entry is one byte (1: a write, 2: a write that is on disk when it returns, 3: a sync of all writes before it), the
// offset (8 bytes), the length (4 bytes), and the data.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_data(int fd) {
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < 0) return 0;
    name[length] = 0;
    return length > 9 && !strcmp(name + length - 9, "/data.mdb");
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static void record(uint8_t kind, uint64_t at, uint32_t length, const void *data) {
    static int out = -1;
    static ssize_t (*real)(int, const void *, size_t);
    pthread_mutex_lock(&lock);
    if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (out < 0) out = open(getenv("RECORD"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    // In one write, so that the file always holds whole entries.
    char *entry = malloc(13 + length);
    entry[0] = (char)kind;
    memcpy(entry + 1, &at, 8);
    memcpy(entry + 9, &length, 4);
    if (length) memcpy(entry + 13, data, length);
    if (real(out, entry, 13 + length) != (ssize_t)(13 + length)) abort();
    free(entry);
    pthread_mutex_unlock(&lock);
}

static uint8_t kind(int fd) { return fcntl(fd, F_GETFL) & O_DSYNC ? 2 : 1; }

static void record_parts(int fd, const struct iovec *parts, ssize_t done, uint64_t at) {
    for (; done > 0; parts++) {
        size_t length = parts->iov_len < (size_t)done ? parts->iov_len : (size_t)done;
        record(kind(fd), at, (uint32_t)length, parts->iov_base);
        at += length;
        done -= (ssize_t)length;
    }
}

#define PWRITE(name) \
    ssize_t name(int fd, const void *data, size_t length, off_t at) { \
        REAL(name); ssize_t done = real(fd, data, length, at); \
        if (done > 0 && is_data(fd)) record(kind(fd), (uint64_t)at, (uint32_t)done, data); return done; }
PWRITE(pwrite)
PWRITE(pwrite64)

#define PWRITEV(name) \
    ssize_t name(int fd, const struct iovec *parts, int count, off_t at) { \
        REAL(name); ssize_t done = real(fd, parts, count, at); \
        if (is_data(fd)) record_parts(fd, parts, done, (uint64_t)at); return done; }
PWRITEV(pwritev)
PWRITEV(pwritev64)

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    int data = is_data(fd);
    off_t at = data ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = real(fd, parts, count);
    if (data) record_parts(fd, parts, done, (uint64_t)at);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(write);
    int data = is_data(fd);
    off_t at = data ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = real(fd, bytes, length);
    if (data && done > 0) record(kind(fd), (uint64_t)at, (uint32_t)done, bytes);
    return done;
}

int fdatasync(int fd) { REAL(fdatasync); int done = real(fd); if (!done && is_data(fd)) record(3, 0, 0, NULL); return done; }
int fsync(int fd) { REAL(fsync); int done = real(fd); if (!done && is_data(fd)) record(3, 0, 0, NULL); return done; }
