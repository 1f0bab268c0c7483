package dev.selvage.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.selvage.link.Beat;
import dev.selvage.link.Challenge;
import dev.selvage.link.ComeBack;
import dev.selvage.link.CommandInput;
import dev.selvage.link.Credentials;
import dev.selvage.link.Delete;
import dev.selvage.link.Enroll;
import dev.selvage.link.Event;
import dev.selvage.link.ExecQuery;
import dev.selvage.link.Frames;
import dev.selvage.link.Gone;
import dev.selvage.link.Heartbeat;
import dev.selvage.link.Held;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.link.InputTaken;
import dev.selvage.link.LaneBatch;
import dev.selvage.link.LaneStored;
import dev.selvage.link.LogQuery;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.ObjectRef;
import dev.selvage.link.Put;
import dev.selvage.link.Refused;
import dev.selvage.link.RefusedReport;
import dev.selvage.link.RenewBegin;
import dev.selvage.link.RenewProof;
import dev.selvage.link.Report;
import dev.selvage.link.Reports;
import dev.selvage.link.ReportsStored;
import dev.selvage.link.Sample;
import dev.selvage.link.SliceUpdate;
import dev.selvage.link.Stored;
import dev.selvage.link.StreamAccepted;
import dev.selvage.link.StreamData;
import dev.selvage.link.StreamEnd;
import dev.selvage.link.StreamOpen;
import dev.selvage.link.StreamRequest;
import dev.selvage.link.TerminalSize;
import dev.selvage.link.UploadLane;
import dev.selvage.link.Welcome;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** Messages of the link that are well-formed and lie, and bytes that are not well-formed. */
final class LinkInputs {
    private static final List<String> RESOURCES = List.of(
            "pods",
            "configmaps",
            "secrets",
            "nodes",
            "devices.selvage.dev",
            "devicemodels.selvage.dev",
            "streams.selvage.dev",
            "x",
            "");

    private LinkInputs() {}

    /** One to three frames, most of them broken in some way. */
    static byte[] bytes(Draw draw, boolean ofNode) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int n = 1 + draw.below(3); n > 0; n--) {
            byte[] frame = Frames.encode(ofNode ? node(draw) : hub(draw));
            out.writeBytes(draw.chance(75) ? broken(draw, frame) : frame);
        }
        return out.toByteArray();
    }

    private static byte[] broken(Draw draw, byte[] frame) {
        if (draw.chance(20)) {
            return Bytes.mutate(draw, frame);
        }
        // The body alone, under a length that is right: the message is what is wrong.
        byte[] body = Bytes.mutate(draw, java.util.Arrays.copyOfRange(frame, 4, frame.length));
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 4);
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write(body.length >>> shift);
        }
        out.writeBytes(body);
        return out.toByteArray();
    }

    static NodeMessage node(Draw draw) {
        NodeMessage.Builder message = NodeMessage.newBuilder();
        return switch (draw.below(11)) {
            case 0 -> message.setHello(hello(draw, "edge-fuzz")).build();
            case 1 ->
                message.setEnroll(Enroll.newBuilder()
                                .setProtocol(version(draw))
                                .setNode(utf8(draw))
                                .setToken(utf8(draw))
                                .setCertificateRequest(blob(draw))
                                .putLabels(utf8(draw), utf8(draw)))
                        .build();
            case 2 ->
                message.setRenewBegin(RenewBegin.newBuilder()
                                .setProtocol(version(draw))
                                .setNode(utf8(draw)))
                        .build();
            case 3 ->
                message.setRenewProof(RenewProof.newBuilder()
                                .setCertificateRequest(blob(draw))
                                .setGeneration(draw.number())
                                .setSignature(blob(draw))
                                .setPublicKey(blob(draw)))
                        .build();
            case 4 ->
                message.setStreamOpen(StreamOpen.newBuilder()
                                .setProtocol(version(draw))
                                .setNode(utf8(draw))
                                .setId(utf8(draw))
                                .setEpoch(draw.number()))
                        .build();
            case 5 -> message.setHeartbeat(Heartbeat.getDefaultInstance()).build();
            case 6 ->
                message.setStored(Stored.newBuilder().setSequence(draw.number()))
                        .build();
            case 7 -> message.setReports(reports(draw)).build();
            case 8 -> message.setLaneBatch(batch(draw)).build();
            case 9 ->
                message.setStreamData(StreamData.newBuilder().setData(blob(draw)))
                        .build();
            default ->
                draw.chance(50)
                        ? message.setStreamEnd(StreamEnd.newBuilder()
                                        .setError(utf8(draw))
                                        .setExitCode((int) draw.number()))
                                .build()
                        : message.setInputTaken(InputTaken.newBuilder().setBytes((int) draw.number()))
                                .build();
        };
    }

    static Hello.Builder hello(Draw draw, String node) {
        Hello.Builder hello = Hello.newBuilder()
                .setProtocol(version(draw))
                .setNode(draw.chance(85) ? node : utf8(draw))
                .setAgentVersion(utf8(draw))
                .setIncarnation(utf8(draw))
                .setRevision(draw.number());
        for (int n = draw.below(4); n > 0; n--) {
            hello.addHeld(
                    Held.newBuilder().setObject(ref(draw)).setUid(utf8(draw)).setRevision(draw.number()));
        }
        return hello;
    }

    private static Reports.Builder reports(Draw draw) {
        Reports.Builder reports = Reports.newBuilder().setSequence(draw.number());
        for (int n = draw.below(5); n > 0; n--) {
            Report.Builder report = Report.newBuilder().setObject(ref(draw)).setUid(utf8(draw));
            switch (draw.below(4)) {
                case 0 -> report.setStatus(blob(draw));
                case 1 -> report.setGone(Gone.getDefaultInstance());
                case 2 ->
                    report.setEvent(Event.newBuilder()
                            .setWarning(draw.chance(50))
                            .setReason(utf8(draw))
                            .setMessage(utf8(draw))
                            .setAtMillis(draw.number())
                            .setCount((int) draw.number()));
                default -> {}
            }
            reports.addReports(report);
        }
        return reports;
    }

    private static LaneBatch.Builder batch(Draw draw) {
        LaneBatch.Builder batch = LaneBatch.newBuilder()
                .setLaneValue(draw.chance(80) ? 1 + draw.below(3) : (int) draw.number())
                .setEpoch(draw.chance(50) ? 1 + draw.below(5) : draw.number())
                .setFirstSequence(draw.chance(50) ? draw.below(1000) : draw.number());
        for (int n = draw.below(20); n > 0; n--) {
            batch.addRecords(draw.chance(70) ? sample(draw).toByteString() : blob(draw));
        }
        return batch;
    }

    private static Sample sample(Draw draw) {
        Sample.Builder sample = Sample.newBuilder()
                .setNamespace(draw.chance(50) ? "first-light" : utf8(draw))
                .setSource(draw.chance(50) ? "node" : utf8(draw))
                .setKey(draw.chance(50) ? "edge-fuzz" : utf8(draw))
                .setStartMillis(draw.chance(50) ? System.currentTimeMillis() / 10_000 * 10_000 : draw.number())
                .setEndMillis(draw.number())
                .setPartial(draw.chance(50));
        for (int n = draw.below(4); n > 0; n--) {
            sample.putValues(utf8(draw), Double.longBitsToDouble(draw.number()));
        }
        return sample.build();
    }

    static HubMessage hub(Draw draw) {
        HubMessage.Builder message = HubMessage.newBuilder();
        return switch (draw.below(11)) {
            case 0 ->
                message.setRefused(Refused.newBuilder()
                                .setCodeValue((int) draw.number())
                                .setMessage(utf8(draw))
                                .setRetryAfterMillis((int) draw.number()))
                        .build();
            case 1 -> message.setWelcome(welcome(draw)).build();
            case 2, 3 -> message.setSliceUpdate(slice(draw)).build();
            case 4 ->
                message.setReportsStored(ReportsStored.newBuilder()
                                .setSequence(draw.number())
                                .addRefused(RefusedReport.newBuilder()
                                        .setObject(ref(draw))
                                        .setReason(utf8(draw))))
                        .build();
            case 5 -> message.setLaneStored(stored(draw)).build();
            case 6 ->
                message.setStreamRequest(draw.chance(50) ? logs(draw) : exec(draw))
                        .build();
            case 7 ->
                draw.chance(50)
                        ? message.setChallenge(Challenge.newBuilder().setNonce(blob(draw)))
                                .build()
                        : message.setCredentials(Credentials.newBuilder()
                                        .addCertificates(blob(draw))
                                        .addTrusted(blob(draw))
                                        .setGeneration(draw.number())
                                        .setHubTimeMillis(draw.number()))
                                .build();
            case 8 ->
                draw.chance(50)
                        ? message.setStreamAccepted(StreamAccepted.getDefaultInstance())
                                .build()
                        : message.setCommandInput(input(draw)).build();
            case 9 ->
                message.setBeat(Beat.newBuilder().setHubTimeMillis(draw.number()))
                        .build();
            default ->
                message.setComeBack(ComeBack.newBuilder()
                                .setAfterMillis((int) draw.number())
                                .setReason(utf8(draw)))
                        .build();
        };
    }

    private static StreamRequest.Builder logs(Draw draw) {
        return StreamRequest.newBuilder()
                .setId(utf8(draw))
                .setLogs(LogQuery.newBuilder()
                        .setNamespace(utf8(draw))
                        .setPod(utf8(draw))
                        .setContainer(utf8(draw))
                        .setFollow(draw.chance(50))
                        .setTailLines(draw.number())
                        .setSinceMillis(draw.number())
                        .setLimitBytes(draw.number()));
    }

    private static StreamRequest.Builder exec(Draw draw) {
        return StreamRequest.newBuilder()
                .setId(utf8(draw))
                .setExec(ExecQuery.newBuilder()
                        .setNamespace(utf8(draw))
                        .setPod(utf8(draw))
                        .setContainer(utf8(draw))
                        .addCommand(utf8(draw))
                        .setTty(draw.chance(50))
                        .setStdin(draw.chance(50)));
    }

    private static CommandInput.Builder input(Draw draw) {
        return switch (draw.below(3)) {
            case 0 -> CommandInput.newBuilder().setData(blob(draw));
            case 1 -> CommandInput.newBuilder().setEnd(true);
            default ->
                CommandInput.newBuilder()
                        .setSize(TerminalSize.newBuilder()
                                .setColumns((int) draw.number())
                                .setRows((int) draw.number()));
        };
    }

    static Welcome.Builder welcome(Draw draw) {
        return Welcome.newBuilder()
                .setEpoch(draw.number())
                .setHubTimeMillis(draw.number())
                .setHeartbeatMillis((int) draw.number())
                .setSilenceMillis((int) draw.number())
                .setReportWindow((int) draw.number())
                .setLaneWindow((int) draw.number())
                .addLanes(stored(draw));
    }

    private static LaneStored.Builder stored(Draw draw) {
        return LaneStored.newBuilder()
                .setLane(
                        draw.chance(80)
                                ? draw.of(List.of(UploadLane.UPLOAD_LANE_LIVE, UploadLane.UPLOAD_LANE_ALARM))
                                : UploadLane.UPLOAD_LANE_UNSPECIFIED)
                .setEpoch(draw.number())
                .setSequence(draw.number());
    }

    private static SliceUpdate.Builder slice(Draw draw) {
        SliceUpdate.Builder update = SliceUpdate.newBuilder()
                .setSequence(draw.number())
                .setIncarnation(utf8(draw))
                .setRevision(draw.number());
        for (int n = draw.below(4); n > 0; n--) {
            update.addPuts(Put.newBuilder()
                    .setObject(ref(draw))
                    .setUid(utf8(draw))
                    .setRevision(draw.number())
                    .setJson(blob(draw)));
        }
        for (int n = draw.below(2); n > 0; n--) {
            update.addDeletes(Delete.newBuilder().setObject(ref(draw)).setUid(utf8(draw)));
        }
        return update;
    }

    private static ObjectRef.Builder ref(Draw draw) {
        return ObjectRef.newBuilder()
                .setResource(draw.of(RESOURCES))
                .setNamespace(utf8(draw))
                .setName(utf8(draw));
    }

    private static int version(Draw draw) {
        return draw.chance(80) ? 1 : (int) draw.number();
    }

    /** Protobuf's own writer refuses a lone surrogate. */
    private static String utf8(Draw draw) {
        return draw.word().replace("\ud800", "?");
    }

    private static ByteString blob(Draw draw) {
        return draw.chance(50)
                ? ByteString.copyFromUtf8(
                        "{\"metadata\":{\"name\":\"" + draw.below(9) + "\"},\"spec\":{},\"conditions\":[{}]}")
                : ByteString.copyFrom(draw.bytes(draw.below(200)));
    }

    static byte[] frame(MessageLite message) {
        return Frames.encode(message);
    }
}
