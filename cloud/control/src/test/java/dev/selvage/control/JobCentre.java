package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.JobDefaults;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import java.time.Instant;
import java.util.List;

/** A centre with a fleet of two nodes, for tests of Indexed Jobs: their pods are told apart by their index. */
final class JobCentre implements AutoCloseable {
    final Centre centre = Centre.start();
    final Fleet fleet = new Fleet(centre);

    JobCentre() {
        centre.node("edge-1", "");
        centre.node("edge-2", "");
    }

    @Override
    public void close() {
        fleet.close();
        centre.close();
    }

    /** An Indexed Job whose indexes may all run at once, unless {@code more} says otherwise. */
    void job(String name, String image, int completions, String more) {
        ObjectNode job = Json.parseObject("""
                {"apiVersion":"batch/v1","kind":"Job","metadata":{"namespace":"default","name":"%s"},
                 "spec":{"completionMode":"Indexed","completions":%d,%s,"template":{
                     "spec":{"runtimeClassName":"process","hostNetwork":true,"restartPolicy":"Never",
                       "containers":[{"name":"c","image":"%s","command":["true"]}]}}}}""".formatted(name, completions, more, image));
        ObjectNode spec = Json.child(job, "spec");
        if (!spec.has("parallelism")) {
            spec.put("parallelism", completions);
        }
        JobDefaults.apply(job);
        centre.create(job);
    }

    ObjectNode job(String name) {
        return centre.get(Kinds.JOB, name);
    }

    int count(String name, String field) {
        return Json.at(job(name), "status", field).asInt(0);
    }

    String text(String name, String field) {
        return Json.textAt(job(name), "status", field);
    }

    String reason(String name, String condition) {
        return Conditions.find(job(name), condition)
                .map(c -> Json.textAt(c, "reason"))
                .orElse("");
    }

    void ended(String name, String condition) {
        eventually(
                () -> assertThat(centre.condition(Kinds.JOB, name, condition)).isEqualTo("True"));
    }

    List<ObjectNode> active() {
        return fleet.pods().stream()
                .filter(pod ->
                        !Meta.deleting(pod) && !List.of("Succeeded", "Failed").contains(Fleet.phase(pod)))
                .toList();
    }

    List<String> indexes() {
        return active().stream().map(JobCentre::index).sorted().toList();
    }

    static String index(ObjectNode pod) {
        return annotation(pod, "job-completion-index");
    }

    static String annotation(ObjectNode pod, String name) {
        return Meta.annotations(pod).getOrDefault("batch.kubernetes.io/" + name, "");
    }

    /** The pod of an index that runs, as soon as there is one. */
    ObjectNode running(String index) {
        eventually(() -> assertThat(indexes()).contains(index));
        return active().stream()
                .filter(pod -> index(pod).equals(index))
                .findFirst()
                .orElseThrow();
    }

    /** Ends the pod of an index as soon as it runs; returns it as it was. */
    ObjectNode end(String index, String phase, int exitCode) {
        ObjectNode pod = running(index);
        fleet.end(pod, phase, exitCode);
        return pod;
    }

    /** As a node marks pods that it was made to end. */
    void disrupt(ObjectNode pod) {
        centre.changeStatus(
                ObjectKey.of(pod),
                object -> Conditions.set(object, "DisruptionTarget", "True", "x", "", Instant.now()));
    }
}
