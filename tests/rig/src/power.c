/* What a power cut would leave, for the process that this is preloaded into.
 *
 * NUDGED_DISK names a directory, NUDGED_POWER another one on the same file system, in which
 * this writes down how to take back what was not brought to the disk:
 *
 *   undo/INODE     for each file: what stood where it was written over, and how long it was,
 *                  in the order of the calls; and up to where that is settled by an fsync
 *   names/DIR.N    for each directory and each fsync of it: its files then, as hard links,
 *                  and its directories, as empty files named with a slash's stand-in
 *
 * A record: kind, offset, length of the write, length of the file before, length of the bytes
 * that follow; eight bytes each in the machine's order. Kinds: W write, T truncation,
 * B birth (nothing of the file was there before), S settled up to offset. The record stands
 * before the call is made; S after it. One lock for all: order is everything here.
 *
 * System calls are made directly, so that nothing of this calls itself. 64-bit Linux only. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PATH 4096

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

static int under(const char *path)
{
    const char *disk = getenv("NUDGED_DISK");
    size_t length = disk ? strlen(disk) : 0;
    if (!length || strncmp(path, disk, length) != 0)
        return 0;
    return path[length] == '/' || path[length] == 0;
}

static int path_of(int fd, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long got = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH - 1);
    if (got <= 0)
        return 0;
    path[got] = 0;
    return under(path);
}

/* A file that is to be watched, with what is known of it. */
static int watched(int fd, struct stat *about)
{
    char path[PATH];
    return getenv("NUDGED_POWER") && fstat(fd, about) == 0 && S_ISREG(about->st_mode) &&
           path_of(fd, path);
}

static int undo_of(ino_t file)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/undo/%lu", getenv("NUDGED_POWER"), (unsigned long)file);
    return (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void note(ino_t file, char kind, uint64_t at, uint64_t length, uint64_t before,
                 const void *bytes, uint64_t count)
{
    int undo = undo_of(file);
    if (undo < 0)
        abort();
    uint64_t head[5] = {(uint64_t)kind, at, length, before, count};
    struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, count}};
    if (syscall(SYS_writev, undo, parts, 2) != (long)(sizeof head + count))
        abort();
    syscall(SYS_close, undo);
}

/* What stands there is kept before it is written over. The file may be open for writing only. */
static void keep(int fd, const struct stat *about, char kind, uint64_t at, uint64_t length)
{
    uint64_t size = (uint64_t)about->st_size, count = 0;
    if (at < size)
        count = length < size - at ? length : size - at;
    char *bytes = NULL;
    if (count) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        int from = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC);
        bytes = malloc(count);
        if (from < 0 || !bytes || syscall(SYS_pread64, from, bytes, count, at) != (long)count)
            abort();
        syscall(SYS_close, from);
    }
    note(about->st_ino, kind, at, length, size, bytes, count);
    free(bytes);
}

static void keep_write(int fd, uint64_t length, int64_t at)
{
    struct stat about;
    if (!length || !watched(fd, &about))
        return;
    if (at < 0)
        at = fcntl(fd, F_GETFL) & O_APPEND ? about.st_size : (int64_t)lseek(fd, 0, SEEK_CUR);
    keep(fd, &about, 'W', (uint64_t)at, length);
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    pthread_mutex_lock(&one);
    keep_write(fd, count, -1);
    ssize_t done = syscall(SYS_write, fd, bytes, count);
    pthread_mutex_unlock(&one);
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    uint64_t length = 0;
    for (int part = 0; part < count; part++)
        length += parts[part].iov_len;
    pthread_mutex_lock(&one);
    keep_write(fd, length, -1);
    ssize_t done = syscall(SYS_writev, fd, parts, count);
    pthread_mutex_unlock(&one);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at)
{
    pthread_mutex_lock(&one);
    keep_write(fd, count, at);
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, count, at);
    pthread_mutex_unlock(&one);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    return pwrite64(fd, bytes, count, at);
}

int ftruncate64(int fd, off_t length)
{
    struct stat about;
    pthread_mutex_lock(&one);
    if (watched(fd, &about))
        keep(fd, &about, 'T', (uint64_t)length,
             about.st_size > length ? (uint64_t)(about.st_size - length) : 0);
    int done = (int)syscall(SYS_ftruncate, fd, length);
    pthread_mutex_unlock(&one);
    return done;
}

int ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

/* Ways round what is watched here; nobody has taken one so far. */
ssize_t copy_file_range(int from, off_t *at, int to, off_t *there, size_t count, unsigned flags)
{
    struct stat about;
    if (watched(to, &about)) {
        errno = ENOSYS;
        return -1;
    }
    return syscall(SYS_copy_file_range, from, at, to, there, count, flags);
}

int fallocate64(int fd, int mode, off_t at, off_t length)
{
    struct stat about;
    if (watched(fd, &about)) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (int)syscall(SYS_fallocate, fd, mode, at, length);
}

int fallocate(int fd, int mode, off_t at, off_t length)
{
    return fallocate64(fd, mode, at, length);
}

static unsigned long turn;

/* The files of a directory, as they are now; `to` is where they will count. */
static void list(const char *path, char *from, char *to)
{
    const char *power = getenv("NUDGED_POWER");
    char name[PATH];
    snprintf(name, sizeof name, "%s", path + strlen(getenv("NUDGED_DISK")));
    for (char *at = name; *at; at++)
        if (*at == '/')
            *at = '%';
    snprintf(from, 2 * PATH, "%s/names.new", power);
    snprintf(to, 2 * PATH, "%s/names/%s.%020lu", power, name, ++turn);
    mkdir(from, 0700);
    DIR *files = opendir(path);
    struct dirent *file;
    while (files && (file = readdir(files))) {
        char old[2 * PATH], new[3 * PATH];
        if (!strcmp(file->d_name, ".") || !strcmp(file->d_name, ".."))
            continue;
        snprintf(old, sizeof old, "%s/%s", path, file->d_name);
        snprintf(new, sizeof new, "%s/%s", from, file->d_name);
        if (file->d_type == DT_DIR) {
            snprintf(new, sizeof new, "%s/%%%s", from, file->d_name);
            int made = (int)syscall(SYS_openat, AT_FDCWD, new, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
            syscall(SYS_close, made);
        } else {
            /* It may have gone meanwhile. */
            syscall(SYS_linkat, AT_FDCWD, old, AT_FDCWD, new, 0);
        }
    }
    if (files)
        closedir(files);
}

static int sync_to_disk(int fd, long call)
{
    struct stat about;
    char path[PATH];
    if (!getenv("NUDGED_POWER") || fstat(fd, &about) != 0 || !path_of(fd, path))
        return (int)syscall(call, fd);
    pthread_mutex_lock(&one);
    int done;
    if (S_ISDIR(about.st_mode)) {
        char from[2 * PATH], to[2 * PATH];
        list(path, from, to);
        done = (int)syscall(call, fd);
        syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    } else {
        int undo = undo_of(about.st_ino);
        uint64_t end = (uint64_t)lseek(undo, 0, SEEK_END);
        syscall(SYS_close, undo);
        done = (int)syscall(call, fd);
        if (done == 0)
            note(about.st_ino, 'S', end, 0, 0, NULL, 0);
    }
    pthread_mutex_unlock(&one);
    return done;
}

int fsync(int fd)
{
    return sync_to_disk(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return sync_to_disk(fd, SYS_fdatasync);
}

static int open_at(int directory, const char *path, int flags, mode_t mode)
{
    struct stat about;
    int writes = (flags & O_ACCMODE) != O_RDONLY && getenv("NUDGED_POWER") && under(path);
    if (!writes)
        return (int)syscall(SYS_openat, directory, path, flags, mode);
    pthread_mutex_lock(&one);
    int absent = fstatat(directory, path, &about, 0) != 0;
    if (!absent && flags & O_TRUNC && about.st_size) {
        int old = (int)syscall(SYS_openat, directory, path, O_RDONLY | O_CLOEXEC);
        if (old >= 0) {
            keep(old, &about, 'T', 0, (uint64_t)about.st_size);
            syscall(SYS_close, old);
        }
    }
    int fd = (int)syscall(SYS_openat, directory, path, flags, mode);
    int failed = errno;
    /* An inode may be one that was another file's before. */
    if (fd >= 0 && absent && fstat(fd, &about) == 0)
        note(about.st_ino, 'B', 0, 0, 0, NULL, 0);
    errno = failed;
    pthread_mutex_unlock(&one);
    return fd;
}

#include "opens.h"
