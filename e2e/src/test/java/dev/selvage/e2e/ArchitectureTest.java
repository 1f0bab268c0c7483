package dev.selvage.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of the house: docs/architecture.md, "The house". */
@AnalyzeClasses(packages = "dev.selvage", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] CLOUD = {
        "dev.selvage.store..", "dev.selvage.identity..", "dev.selvage.telemetry..", "dev.selvage.compiler..",
        "dev.selvage.api..", "dev.selvage.control..", "dev.selvage.hub..", "dev.selvage.backup..",
        "dev.selvage.server.."
    };
    private static final String[] EDGE = {
        "dev.selvage.files..",
        "dev.selvage.lanes..",
        "dev.selvage.session..",
        "dev.selvage.workloads..",
        "dev.selvage.containers..",
        "dev.selvage.devices..",
        "dev.selvage.drivers..",
        "dev.selvage.streams..",
        "dev.selvage.agent.."
    };
    private static final String[] BOTH = java.util.stream.Stream.of(CLOUD, EDGE)
            .flatMap(java.util.Arrays::stream)
            .toArray(String[]::new);

    @ArchTest
    static final ArchRule theModelStandsAlone = classes()
            .that()
            .resideInAPackage("dev.selvage.model..")
            .should()
            .onlyDependOnClassesThat(outsideSelvageOr("dev.selvage.model"));

    @ArchTest
    static final ArchRule theLinkKnowsOnlyTheModel = classes()
            .that()
            .resideInAPackage("dev.selvage.link..")
            .should()
            .onlyDependOnClassesThat(outsideSelvageOr("dev.selvage.link").or(outsideSelvageOr("dev.selvage.model")));

    @ArchTest
    static final ArchRule theCloudDoesNotKnowTheEdge = noClasses()
            .that()
            .resideInAnyPackage(CLOUD)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(EDGE);

    @ArchTest
    static final ArchRule theEdgeDoesNotKnowTheCloud = noClasses()
            .that()
            .resideInAnyPackage(EDGE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CLOUD);

    @ArchTest
    static final ArchRule simulatorsKnowNoInternals = noClasses()
            .that()
            .resideInAPackage("dev.selvage.sim..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(BOTH);

    @ArchTest
    static final ArchRule onlyTheApiKnowsTheHttpLibrary = noClasses()
            .that()
            .resideOutsideOfPackages("dev.selvage.api..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.eclipse.jetty..");

    @ArchTest
    static final ArchRule theEdgeCarriesNoNetty = noClasses()
            .that()
            .resideInAnyPackage(EDGE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule nobodyButItselfSeesTheServer = noClasses()
            .that()
            .resideOutsideOfPackages("dev.selvage.server..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.selvage.server..");

    private static DescribedPredicate<JavaClass> outsideSelvageOr(String own) {
        return DescribedPredicate.describe(
                "outside Selvage or in " + own,
                c -> !c.getPackageName().startsWith("dev.selvage")
                        || c.getPackageName().startsWith(own));
    }
}
