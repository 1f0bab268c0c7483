package dev.selvage.bench.chaos;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * That devices were written what was wished and nothing else: never after its time, never an older wish after a newer one, and a wish twice only when the device or
 * the agent died in between. And that the watch saw each wish that was acknowledged.
 */
final class WishAudit {
    /** From the agent's look at the clock to the plant's line in its log: a write may take as long as the device's timeout. */
    private static final long PATIENCE = ChaosSite.TIMEOUT_MILLIS;

    private final PlantDiary plant;
    private final Killer killer;
    private final Violations violations;
    private long written;

    WishAudit(PlantDiary plant, Killer killer, Violations violations) {
        this.plant = plant;
        this.killer = killer;
        this.violations = violations;
    }

    void check(WishWriter writer, Follower watch) {
        writer.wishes().forEach((device, wishes) -> {
            seen(device, wishes, watch);
            Map<Integer, WishWriter.Wish> byValue =
                    wishes.stream().collect(Collectors.toMap(WishWriter.Wish::value, Function.identity()));
            PlantDiary.Entry before = new PlantDiary.Entry(0, 0);
            for (PlantDiary.Entry entry : plant.setpoints(ChaosSite.unit(device))) {
                written++;
                WishWriter.Wish wish = byValue.get((int) entry.value());
                if (wish == null) {
                    violations.add(ChaosSite.device(device) + " was written " + entry + ", which nobody wished");
                } else if (entry.at() > wish.validUntil() + PATIENCE) {
                    violations.add(ChaosSite.device(device) + " was written " + entry + " too late: " + wish);
                }
                if (entry.value() < before.value()
                        || (entry.value() == before.value() && !died(before.at(), entry.at()))) {
                    violations.add(ChaosSite.device(device) + " was written " + entry + " after " + before);
                }
                before = entry;
            }
        });
    }

    private boolean died(long from, long to) {
        return killer.outages("plant").stream().anyMatch(o -> o.touches(from - PATIENCE, to))
                || killer.outages("agent").stream().anyMatch(o -> o.touches(from - PATIENCE, to));
    }

    private void seen(int device, List<WishWriter.Wish> wishes, Follower watch) {
        Map<Long, Follower.Event> events = watch.of(ChaosSite.device(device)).stream()
                .collect(Collectors.toMap(Follower.Event::revision, Function.identity(), (a, b) -> a));
        for (WishWriter.Wish wish : wishes) {
            Follower.Event event = events.get(wish.revision());
            if (wish.revision() > 0 && (event == null || !event.value().equals(Integer.toString(wish.value())))) {
                violations.add(
                        ChaosSite.device(device) + ": acknowledged " + wish + ", seen at that revision " + event);
            }
        }
    }

    long written() {
        return written;
    }
}
