/* Stops the process, or fails, at the n-th call that changes a file below a folder.
 *
 * Preloaded (LD_PRELOAD); `faults_arm` starts the count. Kinds of fault: 0 = only count; a negative
 * number = die at once, as by kill -9, before the call; an errno = this call fails with it; with
 * `lasting`, so do all later ones, as on a full disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static char root[PATH_MAX];
static int fault_at, fault, lasting, calls;

void faults_arm(const char *folder, int at, int kind, int stays) {
    strncpy(root, folder, sizeof root - 1);
    fault_at = at, fault = kind, lasting = stays, calls = 0;
}

int faults_calls(void) { return calls; }

static int hit(const char *path) {
    if (!root[0] || strncmp(path, root, strlen(root)) != 0) return 0;
    calls++;
    if (!fault || calls < fault_at || (calls > fault_at && !lasting)) return 0;
    if (fault < 0) _exit(137);
    errno = fault;
    return 1;
}

static int hit_fd(int fd) {
    char link[64], path[PATH_MAX];
    if (!root[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return hit(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int creating(const char *name, const char *path, int flags, mode_t mode) {
    if ((flags & O_CREAT) && hit(path)) return -1;
    return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name))(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(list, mode_t) : 0;
    va_end(list);
    return creating("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(list, mode_t) : 0;
    va_end(list);
    return creating("open64", path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    return hit_fd(fd) ? -1 : REAL(write)(fd, bytes, count);
}

int fsync(int fd) { return hit_fd(fd) ? -1 : REAL(fsync)(fd); }

int rename(const char *from, const char *to) { return hit(to) ? -1 : REAL(rename)(from, to); }

int mkdir(const char *path, mode_t mode) { return hit(path) ? -1 : REAL(mkdir)(path, mode); }

int chmod(const char *path, mode_t mode) { return hit(path) ? -1 : REAL(chmod)(path, mode); }

int rmdir(const char *path) { return hit(path) ? -1 : REAL(rmdir)(path); }

/* What shutil.rmtree calls, by a handle of the folder that it empties. */
int unlinkat(int folder, const char *name, int flags) {
    return hit_fd(folder) ? -1 : REAL(unlinkat)(folder, name, flags);
}

int unlink(const char *path) { return hit(path) ? -1 : REAL(unlink)(path); }
