package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PatchTest {
    private static final Schemas SCHEMAS = new Schemas();

    private static JsonNode json(String text) {
        return BodyParser.json(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8))
                .tree();
    }

    private static String strategic(String target, String patch) {
        return Json.text(new StrategicMergePatch(SCHEMAS.definitions())
                        .apply((ObjectNode) json(target), (ObjectNode) json(patch), SCHEMAS.schema(Kinds.POD)))
                .replace('"', '\'');
    }

    @Test
    void aMergePatchFollowsTheExamplesOfRfc7386AppendixA() {
        String[][] cases = {
            {"{'a':'b'}", "{'a':'c'}", "{'a':'c'}"},
            {"{'a':'b'}", "{'b':'c'}", "{'a':'b','b':'c'}"},
            {"{'a':'b'}", "{'a':null}", "{}"},
            {"{'a':'b','b':'c'}", "{'a':null}", "{'b':'c'}"},
            {"{'a':['b']}", "{'a':'c'}", "{'a':'c'}"},
            {"{'a':'c'}", "{'a':['b']}", "{'a':['b']}"},
            {"{'a':{'b':'c'}}", "{'a':{'b':'d','c':null}}", "{'a':{'b':'d'}}"},
            {"{'a':[{'b':'c'}]}", "{'a':[1]}", "{'a':[1]}"},
            {"['a','b']", "['c','d']", "['c','d']"},
            {"{'a':'b'}", "['c']", "['c']"},
            {"{'e':null}", "{'a':1}", "{'e':null,'a':1}"},
            {"[1,2]", "{'a':'b','c':null}", "{'a':'b'}"},
            {"{}", "{'a':{'bb':{'ccc':null}}}", "{'a':{'bb':{}}}"},
        };
        for (String[] one : cases) {
            assertThat(MergePatch.apply(json(one[0]), json(one[1])))
                    .as(one[0] + one[1])
                    .isEqualTo(json(one[2]));
        }
    }

    @Test
    void aJsonPatchFollowsRfc6902AppendixA() {
        String[][] cases = {
            {"{'foo':'bar'}", "[{'op':'add','path':'/baz','value':'qux'}]", "{'foo':'bar','baz':'qux'}"},
            {"{'foo':['bar','baz']}", "[{'op':'add','path':'/foo/1','value':'qux'}]", "{'foo':['bar','qux','baz']}"},
            {"{'baz':'qux','foo':'bar'}", "[{'op':'remove','path':'/baz'}]", "{'foo':'bar'}"},
            {"{'foo':['bar','qux','baz']}", "[{'op':'remove','path':'/foo/1'}]", "{'foo':['bar','baz']}"},
            {"{'baz':'qux'}", "[{'op':'replace','path':'/baz','value':'boo'}]", "{'baz':'boo'}"},
            {"{'foo':{'a':1},'q':{}}", "[{'op':'move','from':'/foo/a','path':'/q/b'}]", "{'foo':{},'q':{'b':1}}"},
            {
                "{'foo':['all','grass','cows']}",
                "[{'op':'move','from':'/foo/1','path':'/foo/2'}]",
                "{'foo':['all','cows','grass']}"
            },
            {"{'foo':['bar']}", "[{'op':'add','path':'/foo/-','value':['abc']}]", "{'foo':['bar',['abc']]}"},
            {"{'/':9,'~1':10}", "[{'op':'test','path':'/~01','value':10}]", "{'/':9,'~1':10}"},
            {"{'a':1}", "[{'op':'copy','from':'/a','path':'/b'}]", "{'a':1,'b':1}"},
        };
        for (String[] one : cases) {
            assertThat(JsonPatch.apply(json(one[0]), json(one[1])))
                    .as(one[0] + one[1])
                    .isEqualTo(json(one[2]));
        }
    }

    @Test
    void aJsonPatchThatCannotBeAppliedIsRefusedWithItsReason() {
        assertThatThrownBy(() ->
                        JsonPatch.apply(json("{'baz':'qux'}"), json("[{'op':'test','path':'/baz','value':'bar'}]")))
                .hasMessageContaining("testing path /baz value failed");
        assertThatThrownBy(() -> JsonPatch.apply(json("{'foo':'bar'}"), json("[{'op':'add','path':'/a/b','value':1}]")))
                .hasMessageContaining("path does not exist: /a");
        assertThatThrownBy(() -> JsonPatch.apply(json("{'a':[1]}"), json("[{'op':'add','path':'/a/5','value':1}]")))
                .hasMessageContaining("index out of bounds");
        assertThatThrownBy(() -> JsonPatch.apply(json("{'a':{}}"), json("[{'op':'move','from':'/a','path':'/a/b'}]")))
                .hasMessageContaining("cannot move a value into itself");
        assertThatThrownBy(() -> JsonPatch.apply(json("{}"), json("{'op':'add'}")))
                .hasMessageContaining("array");
        assertThatThrownBy(() -> JsonPatch.apply(json("{}"), json("[{'op':'fly','path':''}]")))
                .hasMessageContaining("accepted are add");
    }

    /** Upstream bounds the size of all copies (AccumulatedCopySizeLimit): each of these doubles the document. */
    @Test
    void aJsonPatchCannotGrowADocumentBeyondMeasure() {
        String copies = "{'op':'copy','from':'/a','path':'/a/-'},".repeat(23);
        assertThatThrownBy(() -> JsonPatch.apply(
                        json("{'a':['" + "x".repeat(64) + "']}"),
                        json("[" + copies + "{'op':'test','path':'/b','value':1}]")))
                .hasMessageContaining("copies of more than");
        assertThatThrownBy(() -> JsonPatch.apply(
                        json("{'a':{}}"), json("[{'op':'add','path':'" + "/a".repeat(70) + "','value':{}}]")))
                .hasMessageContaining("deeper than");
    }

    @Test
    void aStrategicMergeJoinsContainersAndVariablesByName() {
        assertThat(strategic(
                        "{'spec':{'containers':[{'name':'a','image':'host','env':[{'name':'X','value':'1'}]}]}}",
                        "{'spec':{'containers':[{'name':'a','env':[{'name':'Y','value':'2'},{'name':'X','value':'3'}]},"
                                + "{'name':'b'}]}}"))
                .isEqualTo("{'spec':{'containers':[{'name':'a','image':'host','env':[{'name':'X','value':'3'},"
                        + "{'name':'Y','value':'2'}]},{'name':'b'}]}}");
    }

    @Test
    void aStrategicMergeDeletesReplacesAndOrdersByDirective() {
        assertThat(strategic(
                        "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}",
                        "{'spec':{'containers':[{'name':'a','$patch':'delete'}]}}"))
                .isEqualTo("{'spec':{'containers':[{'name':'b'}]}}");
        assertThat(strategic(
                        "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}",
                        "{'spec':{'containers':[{'name':'c'},{'$patch':'replace'}]}}"))
                .isEqualTo("{'spec':{'containers':[{'name':'c'}]}}");
        assertThat(strategic(
                        "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}",
                        "{'spec':{'$setElementOrder/containers':[{'name':'b'},{'name':'a'}]}}"))
                .isEqualTo("{'spec':{'containers':[{'name':'b'},{'name':'a'}]}}");
        assertThat(strategic(
                        "{'metadata':{'finalizers':['a/x','b/x']}}",
                        "{'metadata':{'$deleteFromPrimitiveList/finalizers':['a/x'],'finalizers':['c/x']}}"))
                .isEqualTo("{'metadata':{'finalizers':['b/x','c/x']}}");
        assertThat(
                        strategic(
                                "{'spec':{'volumes':[{'name':'v','emptyDir':{}}]}}",
                                "{'spec':{'volumes':[{'$retainKeys':['name','configMap'],'name':'v','configMap':{'name':'c'}}]}}"))
                .isEqualTo("{'spec':{'volumes':[{'name':'v','configMap':{'name':'c'}}]}}");
    }

    @Test
    void aStrategicMergeReplacesListsWithoutAKeyAndRemovesByNull() {
        assertThat(strategic(
                        "{'spec':{'tolerations':[{'key':'a'}],'nodeName':'x'}}",
                        "{'spec':{'tolerations':[{'key':'b'}],'nodeName':null}}"))
                .isEqualTo("{'spec':{'tolerations':[{'key':'b'}]}}");
        assertThatThrownBy(() -> strategic("{}", "{'spec':{'containers':[{'image':'x'}]}}"))
                .hasMessageContaining("does not contain declared merge key: name");
    }
}
