// Runs a command for which the kernel refuses some system calls: refuse NAME=ERROR... -- COMMAND ARGUMENT...
// So a test finds the answers of a file system that this machine may not be able to mount, also to calls that bypass the C library.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct pair { const char *name; int number; };

static const struct pair calls[] = {
    {"renameat2", SYS_renameat2}, {"linkat", SYS_linkat}, {"fallocate", SYS_fallocate}, {"flock", SYS_flock},
    {"fchown", SYS_fchown}, {"fsync", SYS_fsync}, {"ioctl", SYS_ioctl},
#ifdef SYS_link
    {"link", SYS_link},
#endif
    {0},
};
static const struct pair errors[] = {
    {"EINVAL", EINVAL}, {"EPERM", EPERM}, {"EIO", EIO}, {"ENOSYS", ENOSYS}, {"EOPNOTSUPP", EOPNOTSUPP}, {"ENOLCK", ENOLCK}, {0},
};

static int find(const struct pair *pairs, const char *name, size_t length) {
    for (; pairs->name; pairs++)
        if (strlen(pairs->name) == length && !strncmp(pairs->name, name, length)) return pairs->number;
    return -1;
}

int main(int count, char **arguments) {
    struct sock_filter filter[64];
    unsigned short at = 0;
    filter[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    int next = 1;
    for (; next < count && strcmp(arguments[next], "--"); next++) {
        const char *name = arguments[next], *error = strchr(name, '=');
        int call = error ? find(calls, name, (size_t)(error - name)) : -1, code = error ? find(errors, error + 1, strlen(error + 1)) : -1;
        // Not every architecture has every call.
        if (error && !strncmp(name, "link=", 5) && call < 0) continue;
        if (call < 0 || code < 0 || at > 60) return 125;
        filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1);
        filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)code);
    }
    filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {at, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("refuse");
        return 126;
    }
    execv(arguments[next + 1], arguments + next + 1);
    perror(arguments[next + 1]);
    return 127;
}
