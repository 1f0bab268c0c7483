package dev.selvage.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The centre's API: every request has an answer below 500, in the form that clients expect, or a connection that is closed. */
public final class ApiDoor implements Door {
    private final Installed centre;
    private final Wire wire;

    public ApiDoor(Installed centre) throws IOException, InterruptedException {
        this.centre = centre;
        this.wire = new Wire(centre.kubeconfig().tls().getSocketFactory(), centre.apiPort());
        centre.create(
                "/api/v1/namespaces",
                Json.parseObject("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\""
                        + Manifests.NAMESPACE + "\"}}"));
        for (Manifests.Seed seed : Manifests.SEEDS) {
            centre.create(seed.path(), seed.object());
        }
    }

    @Override
    public String name() {
        return "api";
    }

    @Override
    public String attempt(Draw draw) throws Exception {
        Requests.Made made = Requests.make(draw);
        draw.sent(made.bytes());
        Wire.Answer answer = wire.send(made.bytes(), made.streams());
        if (answer.status() >= 500 && !allowed(answer)) {
            throw new BrokenException(
                    "answer " + answer.status() + ": " + new String(answer.body(), StandardCharsets.UTF_8));
        }
        if (answer.status() >= 400 && answer.body().length > 0) { // none to HEAD
            status(answer);
        }
        return answer.status() == 0 ? "closed" : Integer.toString(answer.status());
    }

    /**
     * Overload (503); what HTTP itself says of a version or a transfer coding that is not served (505, 501); and a revision of the future, for which Kubernetes
     * clients expect a 504 with this cause.
     */
    private static boolean allowed(Wire.Answer answer) {
        return switch (answer.status()) {
            case 501, 503, 505 -> true;
            case 504 -> new String(answer.body(), StandardCharsets.UTF_8).contains("ResourceVersionTooLarge");
            default -> false;
        };
    }

    private static void status(Wire.Answer answer) throws BrokenException {
        if (!answer.type().startsWith("application/json")) {
            throw new BrokenException("a failure of the type " + answer.type());
        }
        try {
            ObjectNode status = Json.parseObject(answer.body());
            if (!status.path("kind").asText().equals("Status")
                    || status.path("code").asInt() != answer.status()
                    || status.path("message").asText().isEmpty()) {
                throw new BrokenException("a failure that is no Status with its code and a message: " + status);
            }
        } catch (JsonException e) {
            throw new BrokenException("a failure that is no JSON: " + e.getMessage());
        }
    }

    @Override
    public long heap() {
        return centre.centreHeap();
    }

    @Override
    public long heapGrowth() {
        return 48L << 20;
    }

    @Override
    public void close() {
        wire.close();
    }
}
