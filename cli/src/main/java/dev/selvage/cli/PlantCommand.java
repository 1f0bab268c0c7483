package dev.selvage.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Acts on the simulated plant as a person in the room would. */
@Command(
        name = "plant",
        mixinStandardHelpOptions = true,
        description = {
            "Acts on the simulated cold room.",
            "  plant                   shows its state",
            "  plant door open|close   opens or closes the door",
            "  plant fault NAME        causes a fault",
            "  plant clear             ends all faults"
        })
final class PlantCommand implements Callable<Integer> {
    @Mixin
    private HomeOption homeOption = new HomeOption();

    @Parameters(paramLabel = "ACTION", arity = "0..2", description = "see above")
    private List<String> action = List.of();

    @Override
    public Integer call() {
        PlantClient plant = new PlantClient(homeOption.home().settings().ports().plant());
        if (action.isEmpty()) {
            System.out.println(plant.state()
                    .orElseThrow(() -> new CommandFailed("the plant does not answer; ./selvage up starts it"))
                    .toPrettyString());
            return 0;
        }
        System.out.println(plant.act(path()).strip());
        return 0;
    }

    private String path() {
        return switch (String.join(" ", action)) {
            case "door open" -> "/door/open";
            case "door close" -> "/door/close";
            case "clear" -> "/clear";
            default -> {
                if (action.size() == 2
                        && action.getFirst().equals("fault")
                        && action.getLast().matches("[a-z-]+")) {
                    yield "/fault/" + action.getLast();
                }
                throw new CommandFailed("plant: found \"" + String.join(" ", action)
                        + "\", accepted are door open, door close, fault NAME, clear");
            }
        };
    }
}
