// Interposes the calls that write and sync, and lets some of those for `data.mdb` fail while the file FAIL_WHEN exists: every
// FAIL_EVERY-th call, with the error number FAIL_WITH, or else in turn with an I/O error, a full disk, or a short write. With FAIL_META
// only writes to the first two pages, LMDB's meta pages.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_uint calls;

enum { PASS = 0, HALF = -1, META_PAGES = 2 * 4096, NOWHERE = -1 };

// Returns PASS, HALF, or an error number.
static int outcome(int fd, off_t at) {
    const char *when = getenv("FAIL_WHEN"), *every = getenv("FAIL_EVERY"), *with = getenv("FAIL_WITH");
    if (!when || !every || access(when, F_OK) != 0) return PASS;
    if (getenv("FAIL_META") && (at == NOWHERE || at >= META_PAGES)) return PASS;
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < 0) return PASS;
    name[length] = 0;
    if (!strstr(name, "/data.mdb")) return PASS;
    unsigned call = atomic_fetch_add(&calls, 1) + 1, period = (unsigned)atoi(every);
    if (call % period) return PASS;
    if (with) return atoi(with);
    switch (call / period % 3) {
    case 0: return EIO;
    case 1: return ENOSPC;
    default: return HALF;
    }
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define FAIL(f) do { if ((f) > PASS) { errno = (f); return -1; } } while (0)

#define PWRITE(name) \
    ssize_t name(int fd, const void *data, size_t length, off_t at) { \
        REAL(name); int f = outcome(fd, at); FAIL(f); return real(fd, data, f == HALF ? length / 2 : length, at); }
PWRITE(pwrite)
PWRITE(pwrite64)

#define PWRITEV(name) \
    ssize_t name(int fd, const struct iovec *parts, int count, off_t at) { \
        REAL(name); int f = outcome(fd, at); FAIL(f); return real(fd, parts, f == HALF && count > 1 ? count / 2 : count, at); }
PWRITEV(pwritev)
PWRITEV(pwritev64)

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev); int f = outcome(fd, NOWHERE); FAIL(f); return real(fd, parts, f == HALF && count > 1 ? count / 2 : count);
}

ssize_t write(int fd, const void *data, size_t length) {
    REAL(write); int f = outcome(fd, NOWHERE); FAIL(f); return real(fd, data, f == HALF ? length / 2 : length);
}

#define SYNC(name) int name(int fd) { REAL(name); int f = outcome(fd, NOWHERE); if (f != PASS) { errno = f == HALF ? EIO : f; return -1; } return real(fd); }
SYNC(fdatasync)
SYNC(fsync)
