package dev.selvage.api;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The CAs over HTTPS: {@code GET /apis/identity.selvage.dev/v1alpha1/authorities}, {@code POST …/authorities/rotate}, {@code POST …/authorities/retire[?lockOut=true]}. */
final class AuthorityPaths {
    static final String GROUP = "identity.selvage.dev";
    private static final Logger AUDIT = LoggerFactory.getLogger("audit");

    private final Authorities authorities;

    AuthorityPaths(Authorities authorities) {
        this.authorities = authorities;
    }

    /** @param rest what follows the version */
    void answer(Exchange exchange, List<String> rest) {
        String method = exchange.method();
        try {
            switch (String.join("/", rest)) {
                case "authorities" -> {
                    require(method, "GET");
                    exchange.send(200, authorities.status());
                }
                case "authorities/rotate" -> {
                    require(method, "POST");
                    step(exchange, "rotate", authorities.rotate());
                }
                case "authorities/retire" -> {
                    require(method, "POST");
                    step(
                            exchange,
                            "retire",
                            authorities.retire(exchange.parameter("lockOut").equals("true")));
                }
                default -> throw ApiFailure.noSuchPath();
            }
        } catch (Authorities.Unavailable e) {
            throw ApiFailure.unavailable(String.valueOf(e.getMessage()));
        }
    }

    private static void step(Exchange exchange, String verb, Authorities.Step step) {
        boolean done = step instanceof Authorities.Step.Done;
        AUDIT.info(
                "user={} address={} verb={} resource=authorities code={}",
                exchange.caller().user().replaceAll("[\\p{Cntrl}\\s=]", "_"),
                exchange.caller().address(),
                verb,
                done ? 200 : 409);
        switch (step) {
            case Authorities.Step.Done(var answer) -> exchange.send(200, answer);
            case Authorities.Step.Refused(String message) -> throw new ApiFailure(409, "Conflict", message, null);
        }
    }

    private static void require(String found, String accepted) {
        if (!found.equals(accepted)) {
            throw ApiFailure.methodNotAllowed();
        }
    }
}
