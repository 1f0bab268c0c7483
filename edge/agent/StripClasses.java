/**
 * Takes out of the classes below a directory what only compilers, debuggers and reflection read: local variables, generic signatures, annotations, parameter names, and
 * the constants that belonged to them. All of it would be memory of each node. Line numbers stay, for stack traces.
 */
void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    try (var loader = new URLClassLoader(
            new URL[] {directory.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
        var hierarchy = ClassHierarchyResolver.ofResourceParsing(loader);
        var classes = ClassFile.of(
                ClassFile.DebugElementsOption.DROP_DEBUG,
                ClassFile.ConstantPoolSharingOption.NEW_POOL,
                ClassFile.ClassHierarchyResolverOption.of(
                        hierarchy.orElse(ClassHierarchyResolver.defaultResolver())));
        var strip = ClassTransform.dropping(this::unneeded)
                .andThen(ClassTransform.transformingMethods(MethodTransform.dropping(this::unneeded)))
                .andThen(ClassTransform.transformingFields(FieldTransform.dropping(this::unneeded)));
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                Files.write(file, classes.transformClass(classes.parse(file), strip));
            }
        }
    }
}

boolean unneeded(Object element) {
    return switch (element) {
        case SignatureAttribute _,
                MethodParametersAttribute _,
                RuntimeVisibleAnnotationsAttribute _,
                RuntimeInvisibleAnnotationsAttribute _,
                RuntimeVisibleTypeAnnotationsAttribute _,
                RuntimeInvisibleTypeAnnotationsAttribute _,
                RuntimeVisibleParameterAnnotationsAttribute _,
                RuntimeInvisibleParameterAnnotationsAttribute _ ->
            true;
        default -> false;
    };
}
