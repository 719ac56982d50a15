#!/bin/bash
# Everything about the CUDA backend that needs a real device, in one run of less than eight minutes: see
# ./jclap bench gpu --help, which takes the same options. Without --out, the JSON goes to gpu-proof.json.
#
# In a checkout ./jclap runs it. On a machine without JDK and Maven, a packed build does: a folder with a file setup.sh, which
# brings java onto the PATH and the jars into CP when it is sourced. It is taken from JCLAP_BUNDLE, or from .gpu here or
# beside this script.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arguments=("$@")
case " $* " in
*" --out"*) ;;
*) arguments+=(--out gpu-proof.json) ;;
esac

for bundle in "${JCLAP_BUNDLE-}" .gpu "$here" "$here/../.gpu"; do
    [ -n "$bundle" ] && [ -r "$bundle/setup.sh" ] || continue
    set +eu # it is written for an interactive shell
    . "$bundle/setup.sh"
    set -eu
    # JMH's padding is what the JVM would warn of; arrays are long and few.
    exec java -XX:+UseParallelGC -XX:MaxRAMPercentage=60 --sun-misc-unsafe-memory-access=allow ${JCLAP_JAVA_OPTS-} \
        -cp "$CP" org.jclap.bench.Main gpu "${arguments[@]}"
done

exec "$here/../jclap" bench gpu "${arguments[@]}"
