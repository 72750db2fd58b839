// Interposes the calls that write: the first write to a file whose name ends with KILL_ON, or else with ".partial", sends the process the
// signal KILL_BY, or else SIGKILL, after the process id was written to the file KILLED. With GO_ON it then goes on.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void kill_if_wanted(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    const char *end = getenv("KILL_ON"), *by = getenv("KILL_BY");
    if (!end) end = ".partial";
    if ((size_t)length < strlen(end) || strcmp(path + length - strlen(end), end)) return;
    FILE *killed = fopen(getenv("KILLED"), "w");
    if (!killed || fprintf(killed, "%d", (int)getpid()) < 0 || fclose(killed)) abort();
    kill(getpid(), by ? atoi(by) : SIGKILL);
    while (!getenv("GO_ON")) pause();
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t length) { REAL(write); kill_if_wanted(fd); return real(fd, data, length); }

#define PWRITE(name) \
    ssize_t name(int fd, const void *data, size_t length, off_t at) { REAL(name); kill_if_wanted(fd); return real(fd, data, length, at); }
PWRITE(pwrite)
PWRITE(pwrite64)
