/* Names that are not found, for the process that this is preloaded into: while the file that
 * NUDGED_NAMES names is there, name lookups fail as they do without a name server, and make
 * it longer by a byte. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    const char *file = getenv("NUDGED_NAMES");
    int flag = file ? open(file, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
    if (flag >= 0) {
        ssize_t counted = write(flag, "x", 1);
        (void)counted;
        close(flag);
        return EAI_AGAIN;
    }
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real ? real(name, service, hints, found) : EAI_FAIL;
}
