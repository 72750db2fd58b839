// Interposes the calls that give a file its name. `linkat` fails as on FAT; with APPEARS, another program has created the file just before.
// `rename` aborts if the file that it would replace is empty: rclone may write an empty file at any time after it was closed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    (void)from_dir, (void)from, (void)to_dir, (void)flags;
    if (getenv("APPEARS")) {
        FILE *file = fopen(to, "w");
        if (!file || fputs("mine", file) < 0 || fclose(file)) abort();
    }
    errno = EPERM;
    return -1;
}

int rename(const char *from, const char *to) {
    static __typeof__(rename) *real;
    if (!real) real = (__typeof__(rename) *)dlsym(RTLD_NEXT, "rename");
    struct stat replaced;
    if (!lstat(to, &replaced) && replaced.st_size == 0) abort();
    return real(from, to);
}
