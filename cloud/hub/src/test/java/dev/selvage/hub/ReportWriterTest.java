package dev.selvage.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.selvage.link.ObjectRef;
import dev.selvage.link.Report;
import dev.selvage.link.Reports;
import dev.selvage.store.Leases;
import dev.selvage.store.Resources;
import dev.selvage.store.StoreUnavailableException;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Design "Link": a half-open old session is powerless. */
class ReportWriterTest {
    @Test
    @Timeout(20)
    void aReportThatWaitedForTheDatabaseIsNotWrittenWhenALaterSessionHasBegun() throws Exception {
        var writes = new AtomicInteger();
        var epoch = new AtomicInteger(7);
        Resources resources = fake(Resources.class, method -> {
            writes.incrementAndGet();
            epoch.set(8); // the node, meanwhile, at another hub
            throw new StoreUnavailableException("away", new IllegalStateException("away"));
        });
        Leases leases = fake(Leases.class, method -> (long) epoch.get());
        var writer = new ReportWriter(
                "edge-1",
                7,
                leases,
                resources,
                request -> {},
                new SliceIndex(),
                new NodeConnection(new NioSocketChannel(), new FrameDecoder(), java.time.Duration.ofSeconds(30)),
                10,
                new Offences(resources));
        writer.accept(Reports.newBuilder()
                .setSequence(1)
                .addReports(Report.newBuilder()
                        .setObject(ObjectRef.newBuilder()
                                .setResource("pods")
                                .setNamespace("default")
                                .setName("web"))
                        .setUid("u-1")
                        .setStatus(ByteString.copyFromUtf8("{}")))
                .build());
        assertThatThrownBy(writer::run).isInstanceOf(PeerException.class).hasMessageContaining("later session");
        assertThat(writes).hasValue(1);
    }

    private interface Answer {
        Object to(String method);
    }

    private static <T> T fake(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (_, method, _) -> answer.to(method.getName())));
    }
}
