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
        return new PodAdmission(resources);
    }

    public static List<Admission> all(Resources resources) {
        Catalogue catalogue = new Catalogue(resources);
        return List.of(
                new PodAdmission(resources),
                new DeviceModelAdmission(catalogue),
                new DeviceAdmission(catalogue),
                new StreamAdmission(catalogue),
                new NodeRequestAdmission(Clock.systemUTC()));
    }
}
