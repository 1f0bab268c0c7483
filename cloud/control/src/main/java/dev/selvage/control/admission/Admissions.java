package dev.selvage.control.admission;

import dev.selvage.model.Admission;
import dev.selvage.store.Resources;
import java.time.Clock;
import java.util.List;

/** The checks that the API makes before a write, in order. */
public final class Admissions {
    private Admissions() {}

    /** What is checked of a pod, for the controllers that make pods. */
    public static Admission pods(Resources resources) {
        PodAdmission pods = new PodAdmission();
        PriorityAdmission priorities = new PriorityAdmission(resources);
        PodSecurityAdmission security = new PodSecurityAdmission(resources);
        return request -> {
            priorities.admit(request);
            pods.admit(request);
            security.admit(request);
        };
    }

    public static List<Admission> all(Resources resources) {
        Catalogue catalogue = new Catalogue(resources);
        return List.of(
                new PriorityAdmission(resources),
                new PodAdmission(),
                new PodSecurityAdmission(resources),
                new DeviceModelAdmission(catalogue),
                new DeviceAdmission(catalogue),
                new StreamAdmission(catalogue),
                new NodeRequestAdmission(Clock.systemUTC()));
    }
}
