// Interposes write: the first write to a file whose name ends with ".partial" sends the process the signal KILL_BY, or else SIGKILL,
// after the process id was written to the file KILLED. With GO_ON it then goes on.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_partial(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return length > 8 && !strcmp(path + length - 8, ".partial");
}

ssize_t write(int fd, const void *data, size_t length) {
    static __typeof__(write) *real;
    if (!real) real = (__typeof__(write) *)dlsym(RTLD_NEXT, "write");
    if (is_partial(fd)) {
        FILE *killed = fopen(getenv("KILLED"), "w");
        if (!killed || fprintf(killed, "%d", (int)getpid()) < 0 || fclose(killed)) abort();
        const char *by = getenv("KILL_BY");
        kill(getpid(), by ? atoi(by) : SIGKILL);
        while (!getenv("GO_ON")) pause();
    }
    return real(fd, data, length);
}
