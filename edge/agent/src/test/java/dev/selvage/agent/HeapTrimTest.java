package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeapTrimTest {
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;

    private final AtomicLong heap = new AtomicLong(10 * MIB);
    private final AtomicInteger collections = new AtomicInteger();
    private final HeapTrim trim = new HeapTrim(heap::get, () -> {
        collections.incrementAndGet();
        heap.set(11 * MIB);
    });

    private void growsBy(long bytes) {
        heap.addAndGet(bytes);
        trim.look();
    }

    @Test
    void aBurstIsGivenBack() {
        growsBy(6 * MIB);
        assertThat(collections).hasValue(1);
        growsBy(0);
        assertThat(collections).hasValue(1);
    }

    @Test
    void aHeapThatCreepsIsTrimmedOnceItHasGrownEnough() {
        for (int minute = 0; minute < 30; minute++) {
            growsBy(300 * KIB);
            assertThat(heap.get()).isLessThan(13 * MIB);
        }
        assertThat(collections).hasValueBetween(5, 10);
    }

    @Test
    void aHeapThatHasNotGrownIsLeftAlone() {
        for (int minute = 0; minute < 30; minute++) {
            growsBy(0);
        }
        assertThat(collections).hasValue(0);
    }
}
