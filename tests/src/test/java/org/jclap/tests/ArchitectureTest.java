package org.jclap.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lines of the design that the compiler does not draw, read from the compiled classes. */
final class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.jclap");

    @ParameterizedTest
    @ValueSource(strings = {"tensor", "kernels", "autograd", "models", "clap", "tests"})
    void seesTheClassesOfEveryModule(String module) {
        assertFalse(
                CLASSES.stream().noneMatch(c -> c.getPackageName().startsWith("org.jclap." + module)),
                () -> "no class of " + module + " was read, so no rule would hold it to anything");
    }

    @Test
    void modulesDependDownwardsOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("org.jclap..")
                .layer("tensor")
                .definedBy("org.jclap.tensor..")
                .layer("kernels")
                .definedBy("org.jclap.kernels..")
                .layer("autograd")
                .definedBy("org.jclap.autograd..")
                .layer("models")
                .definedBy("org.jclap.models..")
                .layer("clap")
                .definedBy("org.jclap.clap..")
                .layer("tests")
                .definedBy("org.jclap.tests..")
                .whereLayer("tensor")
                .mayNotAccessAnyLayer()
                .whereLayer("kernels")
                .mayOnlyAccessLayers("tensor")
                .whereLayer("autograd")
                .mayOnlyAccessLayers("tensor")
                .whereLayer("models")
                .mayOnlyAccessLayers("autograd", "tensor")
                .whereLayer("clap")
                .mayOnlyAccessLayers("models", "autograd", "tensor")
                .check(CLASSES);
    }

    @Test
    void onlyKernelsTouchTheHardware() {
        check(noClasses()
                .that()
                // The emulated driver is tested without the backend that stands on it.
                .resideOutsideOfPackages("org.jclap.kernels..", "org.jclap.tests.cuda..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jdk.incubator.vector..", "jcuda..")
                .because("the other modules must run on any machine, through the backend interface"));
    }

    @Test
    void packagesFormNoCycles() {
        slices().matching("org.jclap.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyTheEntriesEndTheProcess() {
        check(noClasses()
                .that()
                .doNotHaveFullyQualifiedName("org.jclap.clap.cli.Main")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .because("a library reports an error by throwing"));
    }

    @Test
    void randomnessComesFromExplicitSeeds() {
        check(noClasses()
                .should()
                .callMethod(Math.class, "random")
                .orShould()
                .callConstructor(java.util.Random.class)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
                .because("the same seed gives the same results"));
    }

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }
}
