/* A disk that fails on demand, for the process that this is preloaded into.
 *
 * NUDGED_DISK names a directory, NUDGED_FAULT a file. While that file is there, calls that
 * would change something in the directory fail. The file holds an errno and the calls that
 * fail with it, such as "28 wo": w = write, t = write of what is left after half of it was
 * taken, s = fsync, o = open for writing, create, rename and remove.
 *
 * System calls are made directly, so that nothing of this calls itself. 64-bit Linux only. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int fault(char call)
{
    const char *file = getenv("NUDGED_FAULT");
    if (!file)
        return 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    char text[32] = {0};
    long got = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    if (got <= 0)
        return 0;
    char *calls = NULL;
    int number = (int)strtol(text, &calls, 10);
    return strchr(calls, call) ? number : 0;
}

static int on_disk(const char *path)
{
    const char *disk = getenv("NUDGED_DISK");
    size_t length = disk ? strlen(disk) : 0;
    return length && strncmp(path, disk, length) == 0 && path[length] == '/';
}

static int fd_on_disk(int fd)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long got = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    if (got <= 0)
        return 0;
    path[got] = 0;
    return on_disk(path);
}

static int fd_fails(int fd, char call)
{
    int number = fault(call);
    if (!number || !fd_on_disk(fd))
        return 0;
    errno = number;
    return 1;
}

static int path_fails(const char *path)
{
    int number;
    if (!on_disk(path) || !(number = fault('o')))
        return 0;
    errno = number;
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    if (fd_fails(fd, 'w'))
        return -1;
    if (fd_fails(fd, 't')) {
        if (count <= 64)
            return -1;
        count /= 2;
    }
    return syscall(SYS_write, fd, bytes, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (fd_fails(fd, 'w') || fd_fails(fd, 't'))
        return -1;
    return syscall(SYS_writev, fd, parts, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at)
{
    if (fd_fails(fd, 'w') || fd_fails(fd, 't'))
        return -1;
    return syscall(SYS_pwrite64, fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    return pwrite64(fd, bytes, count, at);
}

int ftruncate64(int fd, off_t length)
{
    if (fd_fails(fd, 'w') || fd_fails(fd, 't'))
        return -1;
    return (int)syscall(SYS_ftruncate, fd, length);
}

int ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

int fsync(int fd)
{
    return fd_fails(fd, 's') ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fd_fails(fd, 's') ? -1 : (int)syscall(SYS_fdatasync, fd);
}

static int open_at(int directory, const char *path, int flags, mode_t mode)
{
    if ((flags & O_ACCMODE) != O_RDONLY && path_fails(path))
        return -1;
    return (int)syscall(SYS_openat, directory, path, flags, mode);
}

#include "opens.h"

int rename(const char *from, const char *to)
{
    if (path_fails(to))
        return -1;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
    return path_fails(path) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
