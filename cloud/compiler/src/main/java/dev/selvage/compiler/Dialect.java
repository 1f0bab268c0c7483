package dev.selvage.compiler;

import java.util.List;
import org.apache.calcite.avatica.util.Casing;
import org.apache.calcite.avatica.util.Quoting;
import org.apache.calcite.config.NullCollation;
import org.apache.calcite.rel.type.RelDataTypeSystem;
import org.apache.calcite.rel.type.RelDataTypeSystemImpl;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperatorTable;
import org.apache.calcite.sql.fun.SqlBasicAggFunction;
import org.apache.calcite.sql.parser.SqlParser;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlTypeCoercionRule;
import org.apache.calcite.sql.validate.SqlConformanceEnum;
import org.apache.calcite.sql.validate.SqlValidator;

/**
 * Flink's dialect as far as it is accepted: back quotes, case-sensitive names, no implicit conversion between text and numbers
 * (Flink's parser configuration and FlinkSqlConformance).
 */
final class Dialect {
    /** Flink's LAST_VALUE is a plain aggregate; Calcite's would demand OVER. */
    static final SqlAggFunction LAST_VALUE = SqlBasicAggFunction.create(
                    "LAST_VALUE", SqlKind.LAST_VALUE, ReturnTypes.ARG0_NULLABLE_IF_EMPTY, OperandTypes.ANY)
            .withFunctionType(SqlFunctionCategory.USER_DEFINED_FUNCTION);

    static final List<String> SCALARS = List.of("ABS", "ROUND", "FLOOR", "CEIL", "MOD", "COALESCE", "NULLIF", "CAST");
    static final List<String> AGGREGATES = List.of("AVG", "MIN", "MAX", "SUM", "COUNT", "LAST_VALUE");
    static final String FUNCTIONS = String.join(", ", SCALARS) + "; over a window " + String.join(", ", AGGREGATES);

    static final SqlParser.Config PARSER = SqlParser.config()
            .withQuoting(Quoting.BACK_TICK)
            .withQuotedCasing(Casing.UNCHANGED)
            .withUnquotedCasing(Casing.UNCHANGED)
            .withCaseSensitive(true)
            .withIdentifierMaxLength(128)
            .withConformance(SqlConformanceEnum.DEFAULT);

    static final SqlValidator.Config VALIDATOR = SqlValidator.Config.DEFAULT
            .withConformance(SqlConformanceEnum.DEFAULT)
            .withDefaultNullCollation(NullCollation.LOW)
            .withIdentifierExpansion(true)
            .withTypeCoercionRules(SqlTypeCoercionRule.lenientInstance())
            .withTypeCoercionEnabled(false);

    /** Branches of different lengths are VARCHAR, not padded CHAR (FlinkTypeSystem). */
    static final RelDataTypeSystem TYPES = new RelDataTypeSystemImpl() {
        @Override
        public boolean shouldConvertRaggedUnionTypesToVarying() {
            return true;
        }
    };

    static final SqlOperatorTable OPERATORS = new Operators();

    private Dialect() {}
}
