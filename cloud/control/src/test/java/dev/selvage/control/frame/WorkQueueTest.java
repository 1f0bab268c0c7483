package dev.selvage.control.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WorkQueueTest {
    private final WorkQueue<String> queue = new WorkQueue<>(new Backoff(Duration.ofMillis(1), Duration.ofMillis(50)));

    @Test
    void aKeyAddedManyTimesIsWorkedOnOnce() throws InterruptedException {
        queue.add("a");
        queue.add("b");
        queue.add("a");
        assertThat(queue.size()).isEqualTo(2);
        assertThat(queue.take()).contains("a");
        assertThat(queue.take()).contains("b");
    }

    @Test
    void aKeyAddedWhileItIsWorkedOnComesAgainAfterwards() throws InterruptedException {
        queue.add("a");
        queue.take();
        queue.add("a");
        queue.add("b");
        assertThat(queue.take()).contains("b");
        queue.done("a");
        assertThat(queue.take()).contains("a");
    }

    @Test
    void aFailedKeyComesBackByItself() throws InterruptedException {
        queue.add("a");
        queue.take();
        assertThat(queue.failed("a")).isEqualTo(1);
        assertThat(queue.take()).contains("a");
        assertThat(queue.failed("a")).isEqualTo(2);
        assertThat(queue.take()).contains("a");
        queue.done("a");
        assertThat(queue.size()).isZero();
    }

    @Test
    void ofSeveralDelaysTheShortestCountsAndAnImmediateAddBeatsThemAll() throws InterruptedException {
        queue.addAfter("a", Duration.ofHours(1));
        queue.addAfter("a", Duration.ofMillis(5));
        assertThat(queue.take()).contains("a");
        queue.done("a");
        queue.addAfter("b", Duration.ofHours(1));
        queue.add("b");
        assertThat(queue.take()).contains("b");
        queue.done("b");
        assertThat(queue.size()).isZero();
    }

    @Test
    void closingWakesTheTaker() throws InterruptedException {
        Thread taker = Thread.ofVirtual().start(() -> {
            try {
                assertThat(queue.take()).isEmpty();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        queue.close();
        taker.join();
    }

    @Test
    void backOffDoublesToItsCap() {
        Backoff backoff = new Backoff(Duration.ofMillis(10), Duration.ofMillis(65));
        assertThat(backoff.after(1)).hasMillis(10);
        assertThat(backoff.after(3)).hasMillis(40);
        assertThat(backoff.after(4)).hasMillis(65);
        assertThat(backoff.after(1000)).hasMillis(65);
    }
}
