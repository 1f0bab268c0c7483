package dev.selvage.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A field selector: {@code metadata.name=x,status.phase!=Failed}. An absent field counts as empty text. */
public record FieldSelector(List<Requirement> requirements) {
    public static final FieldSelector EVERYTHING = new FieldSelector(List.of());

    private static final Pattern FORM =
            Pattern.compile("\\s*([A-Za-z][A-Za-z0-9.]{0,100}?)\\s*(==|=|!=)\\s*([^=!,]{0,300}?)\\s*");

    public record Requirement(String field, boolean equal, String value) {}

    public FieldSelector {
        requirements = List.copyOf(requirements);
    }

    /**
     * @throws IllegalArgumentException naming the part that cannot be read
     */
    public static FieldSelector parse(String text) {
        if (text.isBlank()) {
            return EVERYTHING;
        }
        List<Requirement> found = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher form = FORM.matcher(part);
            if (!form.matches()) {
                throw new IllegalArgumentException(
                        "invalid field selector \"" + part.strip() + "\": accepted are field=value and field!=value");
            }
            found.add(new Requirement(form.group(1), !form.group(2).equals("!="), form.group(3)));
        }
        return new FieldSelector(found);
    }

    /** @param fields the text of a field by its path, empty where absent */
    public boolean matches(Function<String, String> fields) {
        return requirements.stream().allMatch(r -> fields.apply(r.field()).equals(r.value()) == r.equal());
    }
}
