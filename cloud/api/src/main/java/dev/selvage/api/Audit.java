package dev.selvage.api;

import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line per write to the logger "audit": who, what, with which end. Never a body: Secrets stay out of logs. */
final class Audit {
    private static final Logger LOG = LoggerFactory.getLogger("audit");

    private static final Pattern UNCLEAN = Pattern.compile("[\\p{Cntrl}\\s=]");

    private Audit() {}

    static void write(Caller caller, String verb, Target target, boolean dryRun, int code) {
        LOG.info(
                "user={} address={} verb={} resource={} subresource={} namespace={} name={} dryRun={} code={}",
                clean(caller.user()),
                caller.address(),
                verb,
                target.resource(),
                clean(target.subresource()),
                clean(target.namespace()),
                clean(target.name()),
                dryRun,
                code);
    }

    /** A session that was let in has ended. */
    static void ended(Caller caller, Target target, String how) {
        LOG.info(
                "user={} address={} ended resource={} subresource={} namespace={} name={} how={}",
                clean(caller.user()),
                caller.address(),
                target.resource(),
                clean(target.subresource()),
                clean(target.namespace()),
                clean(target.name()),
                clean(how));
    }

    /** A name from a URL or certificate must not be able to forge a second line. */
    private static String clean(String text) {
        String line = UNCLEAN.matcher(text).replaceAll("_");
        return line.length() <= 253 ? line : line.substring(0, 253);
    }
}
