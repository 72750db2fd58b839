// Interposes fsync and fdatasync, and logs each successful call to the file SYNC_LOG: the inode of what was synced, its size, the
// inode of the file TARGET at that moment (0 if there is none), and the path of what was synced.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void log_sync(int fd) {
    char link[64], path[4096], line[4400];
    struct stat synced, target;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || fstat(fd, &synced)) abort();
    path[length] = 0;
    if (stat(getenv("TARGET"), &target)) target.st_ino = 0;
    int written = snprintf(line, sizeof line, "%llu %llu %llu %s\n", (unsigned long long)synced.st_ino,
                           (unsigned long long)synced.st_size, (unsigned long long)target.st_ino, path);
    int out = open(getenv("SYNC_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out < 0 || write(out, line, (size_t)written) != written) abort();
    close(out);
}

#define SYNC(name) \
    int name(int fd) { \
        static __typeof__(name) *real; \
        if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name); \
        int done = real(fd); \
        if (!done) log_sync(fd); \
        return done; \
    }
SYNC(fsync)
SYNC(fdatasync)
