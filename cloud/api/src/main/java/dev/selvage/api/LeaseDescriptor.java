package dev.selvage.api;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.kubernetes.client.proto.Meta;

/** coordination.k8s.io/v1 Lease: the proto library lacks this group (k8s.io/api/coordination/v1/generated.proto). */
final class LeaseDescriptor {
    static final Descriptor LEASE = build();

    private LeaseDescriptor() {}

    private static Descriptor build() {
        String meta = ".k8s.io.apimachinery.pkg.apis.meta.v1.";
        FileDescriptorProto file = FileDescriptorProto.newBuilder()
                .setName("k8s.io/api/coordination/v1/generated.proto")
                .setPackage("k8s.io.api.coordination.v1")
                .addDependency(Meta.getDescriptor().getName())
                .addMessageType(DescriptorProto.newBuilder()
                        .setName("Lease")
                        .addField(message("metadata", 1, meta + "ObjectMeta"))
                        .addField(message("spec", 2, ".k8s.io.api.coordination.v1.LeaseSpec")))
                .addMessageType(DescriptorProto.newBuilder()
                        .setName("LeaseSpec")
                        .addField(scalar("holderIdentity", 1, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(scalar("leaseDurationSeconds", 2, FieldDescriptorProto.Type.TYPE_INT32))
                        .addField(message("acquireTime", 3, meta + "MicroTime"))
                        .addField(message("renewTime", 4, meta + "MicroTime"))
                        .addField(scalar("leaseTransitions", 5, FieldDescriptorProto.Type.TYPE_INT32))
                        .addField(scalar("strategy", 6, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(scalar("preferredHolder", 7, FieldDescriptorProto.Type.TYPE_STRING)))
                .build();
        try {
            return FileDescriptor.buildFrom(file, new FileDescriptor[] {Meta.getDescriptor()})
                    .findMessageTypeByName("Lease");
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException("the Lease descriptor is wrong", e);
        }
    }

    private static FieldDescriptorProto scalar(String name, int number, FieldDescriptorProto.Type type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                .setType(type)
                .build();
    }

    private static FieldDescriptorProto message(String name, int number, String type) {
        return scalar(name, number, FieldDescriptorProto.Type.TYPE_MESSAGE).toBuilder()
                .setTypeName(type)
                .build();
    }
}
