#!/usr/bin/env bash
# Makes the agent's image: a stripped runtime of only the modules it needs, its jars, an AOT cache, and a start script with the measured flags.
#   image.sh JDK DIST OUT      JDK: a JDK 25; DIST: directory with lib/*.jar as the build leaves it; OUT: made anew
# Where a step is not possible on this machine the image does without, and says so.
set -euo pipefail
(($# == 3)) || { echo "usage: image.sh JDK DIST OUT" >&2; exit 2; }
jdk=$1 out=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lib=$(cd "$2/lib" 2>/dev/null && pwd) || { echo "image.sh: no directory $2/lib; build first" >&2; exit 1; }
[[ -x $jdk/bin/jlink && -x $jdk/bin/jar ]] || { echo "image.sh: $jdk is no JDK" >&2; exit 1; }
compgen -G "$lib/*.jar" >/dev/null || { echo "image.sh: no jars in $lib; build first" >&2; exit 1; }
say() { printf 'image.sh: %s\n' "$*" >&2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$out"
mkdir -p "$out/bin" "$out/lib"
out=$(cd "$out" && pwd)

# The modules that the jars use; Jackson's wish for java.desktop (java.beans) is optional and not granted.
modules=java.base,java.sql,java.logging,jdk.httpserver,jdk.unsupported
if "$jdk/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --output "$out/runtime" >"$work/jlink.log" 2>&1; then
  find "$out/runtime/lib" -name '*.so' -exec strip --strip-unneeded {} + 2>/dev/null || true
else
  say "jlink failed, the image uses the whole JDK at $jdk: $(tail -n 1 "$work/jlink.log")"
  ln -s "$jdk" "$out/runtime"
fi

# One jar, in one order: the AOT cache holds for exactly this class path. SQLite's library for this machine lies beside it, so that no start unpacks it anew.
case $(uname -m) in x86_64) native=x86_64 ;; aarch64) native=aarch64 ;; armv7l) native=armv7 ;; *) native=$(uname -m) ;; esac
mkdir "$work/all"
for jar in "$lib"/*.jar; do (cd "$work/all" && "$jdk/bin/jar" --extract --file="$jar"); done
sqlite=()
if cp "$work/all/org/sqlite/native/Linux/$native/libsqlitejdbc.so" "$out/lib/" 2>/dev/null; then
  rm -rf "$work/all/org/sqlite/native"
  sqlite=('-Dorg.sqlite.lib.path="$here/lib"' -Dorg.sqlite.lib.name=libsqlitejdbc.so)
else
  say "no SQLite library for $native beside the jar: it unpacks its own at each start"
fi
find "$work/all" -name module-info.class -delete
rm -rf "$work/all/META-INF/maven" "$work/all/META-INF/versions/9" "$work/all/META-INF/proguard"
"$jdk/bin/java" -XX:TieredStopAtLevel=1 "$here/StripClasses.java" "$work/all" >"$work/strip.log" 2>&1 || say "the classes are not stripped: $(tail -n 1 "$work/strip.log")"
"$jdk/bin/jar" --create --no-compress --file="$out/lib/agent.jar" --main-class=dev.selvage.agent.Main -C "$work/all" .

# docs: shared measurements of the agent's footprint decided these flags; the heap's limit leaves room for the largest link message.
flags=(-XX:+UseSerialGC -Xms4m -Xmx40m -Xmn1m -Xss256k -XX:MinHeapFreeRatio=4 -XX:MaxHeapFreeRatio=8 -XX:-ShrinkHeapInSteps -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=4
  -XX:ReservedCodeCacheSize=8m -XX:CICompilerCount=1 -XX:ActiveProcessorCount=1 -XX:StringTableSize=2048 -XX:-UsePerfData
  -XX:+UseCompactObjectHeaders -XX:TrimNativeHeapInterval=3000 -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -XX:-AOTRecordTraining -XX:-AOTReplayTraining
  -Djdk.virtualThreadScheduler.parallelism=1 --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
  "'-Djava.util.logging.SimpleFormatter.format=%1\$tFT%1\$tT.%1\$tL %4\$s %3\$s: %5\$s%6\$s%n'")

script() { # $1: the option that names the AOT cache, or nothing
  cat <<EOF
#!/bin/sh
here=\$(dirname -- "\$(readlink -f -- "\$0")")/..
export MALLOC_ARENA_MAX=1
exec "\$here/runtime/bin/java" ${flags[*]} ${sqlite[*]} $1 -cp "\$here/lib/agent.jar" dev.selvage.agent.Main "\$@"
EOF
}

start=$out/bin/selvage-agent
script '"-XX:AOTCacheOutput=$here/lib/agent.aot"' >"$start"
chmod 755 "$start"
if "$start" train --home "$work/home" >"$work/train.log" 2>&1 && [[ -s $out/lib/agent.aot ]]; then
  script '"-XX:AOTCache=$here/lib/agent.aot"' >"$start"
else
  say "no AOT cache, the agent starts slower: $(tail -n 1 "$work/train.log")"
  rm -f "$out/lib/agent.aot"
  script "" >"$start"
fi
"$start" --version >/dev/null || { say "the image does not start"; exit 1; }
say "made: runtime $(du -shL "$out/runtime" | cut -f1), jar $(du -sh "$out/lib/agent.jar" | cut -f1), cache $(du -sh "$out/lib/agent.aot" 2>/dev/null | cut -f1)"
