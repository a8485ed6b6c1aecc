/* W5 on a yardstick's allocator (its proto.h): every page of a zone asked for, then given back shuffled.
 * usage: drain w5 GiB */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "proto.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
    uint32_t pages = (uint32_t) (argc > 2 ? atoi(argv[2]) : 1) << 18, i, j, swap;
    uint32_t *page = malloc(4ull * pages);
    uint64_t random = 777;
    zone *z = z_new(pages);
    double began = now(), filled, freed;
    for (i = 0; i < pages; i++) page[i] = z_alloc(z, 0, MT_M);
    filled = now();
    for (i = pages - 1; i > 0; i--) {
        random ^= random >> 12, random ^= random << 25, random ^= random >> 27;
        j = (uint32_t) (((random * 0x2545F4914F6CDD1Dull >> 32) * (i + 1ull)) >> 32);
        swap = page[i], page[i] = page[j], page[j] = swap;
    }
    freed = now();
    for (i = 0; i < pages; i++) if (z_free(z, page[i], 0)) return 1;
    printf("alloc %.2f ns, free %.2f ns\n", (filled - began) / pages, (now() - freed) / pages);
    return z_check(z);
}
