package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.security.cert.X509Certificate;

/** A centre with one CA, which is never rotated. */
final class OneAuthority implements Authorities {
    @Override
    public boolean trusts(X509Certificate certificate) {
        return true;
    }

    @Override
    public ObjectNode status() {
        ObjectNode status = Json.object().put("nodes", 0);
        status.putArray("authorities");
        status.putArray("behind");
        return status;
    }

    @Override
    public Step rotate() {
        return new Step.Refused("this centre has one CA");
    }

    @Override
    public Step retire(boolean lockOut) {
        return new Step.Refused("this centre has one CA");
    }
}
