package dev.selvage.control.frame;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.Store;
import dev.selvage.store.WatchEvent;
import dev.selvage.store.WatchStream;
import dev.selvage.testing.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** client-go's reflector: list, watch, and list again when the watch expires. */
@Timeout(60)
class InformerTest {
    private final List<String> told = new CopyOnWriteArrayList<>();

    @Test
    void whatChangedWhileAWatchWasExpiredIsToldAsChanges() {
        try (Store store = Store.open(TestDatabase.create())) {
            Resources real = store.resources();
            config(real, "stays", "1");
            config(real, "changes", "1");
            config(real, "goes", "1");
            Interrupted line = new Interrupted(real);
            Informer informer = new Informer(line.resources(), Kinds.CONFIG_MAP);
            informer.listen(change ->
                    told.add((change.gone() ? "-" : "+") + change.key().name()));
            informer.start();
            eventually(() -> assertThat(told).containsExactlyInAnyOrder("+stays", "+changes", "+goes"));
            told.clear();
            line.down = true;
            eventually(() -> assertThat(line.refused).hasPositiveValue());
            real.delete(key("goes"), DeleteOptions.DEFAULT);
            real.mutate(key("changes"), object -> {
                ObjectNode copy = object.deepCopy();
                Json.child(copy, "data").put("value", "2");
                return copy;
            });
            config(real, "comes", "1");
            line.down = false;
            eventually(() -> assertThat(told).containsExactlyInAnyOrder("-goes", "+changes", "+comes"));
            assertThat(informer.get(key("goes"))).isEmpty();
            assertThat(informer.inNamespace("default")).hasSize(3);
            assertThat(informer.inNamespace("other")).isEmpty();
            informer.close();
        }
    }

    @Test
    void anOwnWriteIsSeenAtOnceAndNeverTwiceNorAfterItsEnd() {
        try (Store store = Store.open(TestDatabase.create())) {
            Resources real = store.resources();
            Informer informer = new Informer(real, Kinds.CONFIG_MAP);
            informer.listen(change ->
                    told.add((change.gone() ? "-" : "+") + change.key().name()));
            informer.start();
            var created = config(real, "own", "1");
            informer.observe(created);
            assertThat(told).contains("+own");
            real.delete(key("own"), DeleteOptions.DEFAULT);
            eventually(() -> assertThat(informer.get(key("own"))).isEmpty());
            informer.observe(created);
            assertThat(informer.get(key("own"))).isEmpty();
            assertThat(told).containsExactly("+own", "-own");
            informer.close();
        }
    }

    private static ObjectKey key(String name) {
        return ObjectKey.of(Kinds.CONFIG_MAP, "default", name);
    }

    private static dev.selvage.store.Stored config(Resources resources, String name, String value) {
        ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
        Meta.of(object).put("namespace", "default").put("name", name);
        object.putObject("data").put("value", value);
        return resources.create(object).success().orElseThrow();
    }

    /** The real store, whose watches expire and whose lists fail while the line is down. */
    private static final class Interrupted {
        private final Resources real;
        final AtomicInteger refused = new AtomicInteger();
        volatile boolean down;

        Interrupted(Resources real) {
            this.real = real;
        }

        Resources resources() {
            return (Resources) Proxy.newProxyInstance(
                    Resources.class.getClassLoader(), new Class<?>[] {Resources.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("list") && down) {
                            refused.incrementAndGet();
                            throw new IllegalStateException("down");
                        }
                        if (method.getName().equals("watch")) {
                            return watch((Selection) arguments[0], (Long) arguments[1]);
                        }
                        try {
                            return method.invoke(real, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        private WatchStream watch(Selection selection, long revision) {
            WatchStream stream = real.watch(selection, revision);
            return new WatchStream() {
                @Override
                public WatchEvent next(Duration wait) throws InterruptedException {
                    return down ? new WatchEvent.Expired("down") : stream.next(Duration.ofMillis(50));
                }

                @Override
                public void close() {
                    stream.close();
                }
            };
        }
    }
}
