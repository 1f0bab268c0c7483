package dev.selvage.compiler;

import dev.selvage.model.DeviceModel;
import dev.selvage.model.ModelProperty;
import dev.selvage.model.PropertyType;
import dev.selvage.model.plan.Expr;
import java.util.List;
import java.util.Properties;
import org.apache.calcite.avatica.util.Casing;
import org.apache.calcite.config.CalciteConnectionConfigImpl;
import org.apache.calcite.config.CalciteConnectionProperty;
import org.apache.calcite.jdbc.CalciteSchema;
import org.apache.calcite.jdbc.JavaTypeFactoryImpl;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.prepare.CalciteCatalogReader;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.schema.impl.AbstractTable;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorUtil;
import org.apache.calcite.sql2rel.SqlToRelConverter;
import org.apache.calcite.sql2rel.StandardConvertletTable;

/** Calcite's validator and converter over one DeviceModel as the only table. */
final class Front {
    private final JavaTypeFactoryImpl types = new JavaTypeFactoryImpl(Dialect.TYPES);
    private final CalciteCatalogReader reader;
    private final SqlValidator validator;

    Front(DeviceModel model) {
        CalciteSchema schema = CalciteSchema.createRootSchema(false, false);
        schema.add(model.name(), new ModelTable(model));
        Properties properties = new Properties();
        properties.setProperty(CalciteConnectionProperty.CASE_SENSITIVE.camelName(), "true");
        properties.setProperty(CalciteConnectionProperty.UNQUOTED_CASING.camelName(), Casing.UNCHANGED.name());
        reader = new CalciteCatalogReader(schema, List.of(), types, new CalciteConnectionConfigImpl(properties));
        validator = SqlValidatorUtil.newValidator(Dialect.OPERATORS, reader, types, Dialect.VALIDATOR);
    }

    SqlNode validate(SqlNode select) {
        return validator.validate(select);
    }

    SqlValidator validator() {
        return validator;
    }

    RelNode convert(SqlNode validated) {
        RelOptCluster cluster =
                RelOptCluster.create(new HepPlanner(HepProgram.builder().build()), new RexBuilder(types));
        SqlToRelConverter.Config config = SqlToRelConverter.config()
                .withExpand(false)
                .withTrimUnusedFields(false)
                .withInSubQueryThreshold(Integer.MAX_VALUE)
                .addRelBuilderConfigTransform(c -> c.withSimplify(false).withPruneInputOfAggregate(false));
        return new SqlToRelConverter(
                        (type, query, schemaPath, viewPath) -> {
                            throw new UnsupportedOperationException("there are no views");
                        },
                        validator,
                        reader,
                        cluster,
                        StandardConvertletTable.INSTANCE,
                        config)
                .convertQuery(validated, false, true)
                .rel;
    }

    /** {@code device} and {@code ts} are always there, a property may be NULL. */
    private static final class ModelTable extends AbstractTable {
        private final DeviceModel model;

        ModelTable(DeviceModel model) {
            this.model = model;
        }

        @Override
        public RelDataType getRowType(RelDataTypeFactory types) {
            RelDataTypeFactory.Builder row = types.builder()
                    .add(Expr.DEVICE, types.createSqlType(SqlTypeName.VARCHAR, 253))
                    .add(Expr.TS, types.createSqlType(SqlTypeName.TIMESTAMP, 3));
            for (ModelProperty property : model.properties().values()) {
                row.add(
                        property.name(),
                        types.createTypeWithNullability(types.createSqlType(name(property.type())), true));
            }
            return row.build();
        }

        private static SqlTypeName name(PropertyType type) {
            return switch (type) {
                case NUMBER -> SqlTypeName.DOUBLE;
                case INTEGER -> SqlTypeName.BIGINT;
                case BOOLEAN -> SqlTypeName.BOOLEAN;
                case STRING -> SqlTypeName.VARCHAR;
            };
        }
    }
}
