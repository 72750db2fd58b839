// Stands between a program and the C library, and lets some of what is written to `data.mdb` fail while the file FAIL_WHEN is there:
// every FAIL_EVERY-th call with an error of the disk, with no room, or cut short in the middle.
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

// 0: let it through. 1: EIO. 2: ENOSPC. 3: half of it.
static int fate(int fd) {
    const char *when = getenv("FAIL_WHEN"), *every = getenv("FAIL_EVERY");
    if (!when || !every || access(when, F_OK) != 0) return 0;
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < 0) return 0;
    name[length] = 0;
    if (!strstr(name, "/data.mdb")) return 0;
    unsigned call = atomic_fetch_add(&calls, 1) + 1, period = (unsigned)atoi(every);
    return call % period ? 0 : 1 + (int)(call / period % 3);
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define FAIL(fate) do { if ((fate) == 1) { errno = EIO; return -1; } if ((fate) == 2) { errno = ENOSPC; return -1; } } while (0)

#define PWRITE(name) \
    ssize_t name(int fd, const void *data, size_t length, off_t at) { \
        REAL(name); int f = fate(fd); FAIL(f); return real(fd, data, f == 3 ? length / 2 : length, at); }
PWRITE(pwrite)
PWRITE(pwrite64)

#define PWRITEV(name) \
    ssize_t name(int fd, const struct iovec *parts, int count, off_t at) { \
        REAL(name); int f = fate(fd); FAIL(f); return real(fd, parts, f == 3 && count > 1 ? count / 2 : count, at); }
PWRITEV(pwritev)
PWRITEV(pwritev64)

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev); int f = fate(fd); FAIL(f); return real(fd, parts, f == 3 && count > 1 ? count / 2 : count);
}

ssize_t write(int fd, const void *data, size_t length) {
    REAL(write); int f = fate(fd); FAIL(f); return real(fd, data, f == 3 ? length / 2 : length);
}

int fdatasync(int fd) { REAL(fdatasync); if (fate(fd)) { errno = EIO; return -1; } return real(fd); }
int fsync(int fd) { REAL(fsync); if (fate(fd)) { errno = EIO; return -1; } return real(fd); }
