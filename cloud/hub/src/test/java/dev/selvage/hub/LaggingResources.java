package dev.selvage.hub;

import dev.selvage.model.Kinds;
import dev.selvage.store.Page;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.WatchEvent;
import dev.selvage.store.WatchStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A replica's view of the store that stands still until it is told to catch up, as a cut-off replica's cache does. */
final class LaggingResources {
    private final Resources real;
    private final long revision;
    private final Map<String, Page> pages;
    private final CountDownLatch released = new CountDownLatch(1);

    LaggingResources(Resources real) {
        this.real = real;
        this.revision = real.revision();
        this.pages = Kinds.all().stream()
                .collect(Collectors.toMap(kind -> kind.id(), kind -> real.list(Selection.all(kind), 0, null)));
    }

    void catchUp() {
        released.countDown();
    }

    Resources view() {
        return (Resources) Proxy.newProxyInstance(
                Resources.class.getClassLoader(), new Class<?>[] {Resources.class}, (proxy, method, arguments) -> {
                    if (released.getCount() > 0) {
                        switch (method.getName()) {
                            case "revision" -> {
                                return revision;
                            }
                            case "freshen" -> {
                                return false;
                            }
                            case "list" -> {
                                return pages.get(((Selection) arguments[0]).resource());
                            }
                            case "watch" -> {
                                return late((Selection) arguments[0], (long) arguments[1]);
                            }
                            default -> {}
                        }
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private WatchStream late(Selection selection, long from) {
        return new WatchStream() {
            private @Nullable WatchStream watch;

            @Override
            public WatchEvent next(Duration wait) throws InterruptedException {
                if (!released.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                    return new WatchEvent.Bookmark(revision);
                }
                WatchStream present = watch == null ? real.watch(selection, from) : watch;
                watch = present;
                return present.next(wait);
            }

            @Override
            public void close() {
                WatchStream present = watch;
                if (present != null) {
                    present.close();
                }
            }
        };
    }
}
