/* Loaded before all else: flushing fails while the file named by XINYONG_NO_FLUSH is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int refused(void) {
    const char *sign = getenv("XINYONG_NO_FLUSH");
    if (sign == NULL || access(sign, F_OK) != 0)
        return 0;
    errno = EIO;
    return 1;
}

int fsync(int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return refused() ? -1 : real(file);
}

int fdatasync(int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return refused() ? -1 : real(file);
}
