# Sourced by mvnw and jclap: sets JAVA_HOME to a JDK 25, or says how to get one and fails.
# Works under `set -euf`: the caller's flags are left as they were.

jdk_required=25

# is_jdk DIR: DIR holds a JDK (not only a runtime) of the required version. Reads its release file: no Java is started.
is_jdk() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
    [ -r "$1/release" ] || return 1
    while IFS= read -r jdk_line; do
        case $jdk_line in
        JAVA_VERSION=\"$jdk_required\" | JAVA_VERSION=\"$jdk_required[.+-]*) return 0 ;;
        esac
    done <"$1/release"
    return 1
}

# The home of the javac on the PATH, through any chain of links.
jdk_on_path() {
    jdk_javac=$(command -v javac 2>/dev/null) || return 0
    jdk_javac=$(readlink -f "$jdk_javac" 2>/dev/null) || return 0
    printf '%s\n' "${jdk_javac%/bin/javac}"
}

find_jdk() {
    if [ -n "${JAVA_HOME-}" ] && is_jdk "$JAVA_HOME"; then
        return 0
    fi
    case $- in *f*) jdk_noglob=f ;; *) jdk_noglob= ;; esac
    set +f
    jdk_candidates=$(printf '%s\n' /usr/lib/jvm/* "${SDKMAN_DIR:-${HOME-}/.sdkman}"/candidates/java/* \
        "${HOME-}"/.jdks/* "${HOME-}"/.jdks/*/Contents/Home /opt/java/* /opt/jdk* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home)
    [ -z "$jdk_noglob" ] || set -f
    jdk_candidates="$jdk_candidates
$(jdk_on_path)"
    if [ -x /usr/libexec/java_home ]; then
        jdk_candidates="$jdk_candidates
$(/usr/libexec/java_home -v "$jdk_required" 2>/dev/null || :)"
    fi
    while IFS= read -r jdk_home; do
        if [ -n "$jdk_home" ] && is_jdk "$jdk_home"; then
            JAVA_HOME=$jdk_home
            export JAVA_HOME
            return 0
        fi
    done <<JDKS
$jdk_candidates
JDKS
    cat >&2 <<MESSAGE
jclap needs a JDK $jdk_required, and none was found in JAVA_HOME${JAVA_HOME:+ ($JAVA_HOME)}, /usr/lib/jvm, ~/.sdkman, ~/.jdks or on the PATH.
Install one, for example Eclipse Temurin from https://adoptium.net, or
  sdk install java $jdk_required-tem                     (SDKMAN)
  apt-get install openjdk-$jdk_required-jdk-headless     (Debian, Ubuntu)
  brew install --cask temurin@$jdk_required              (macOS)
or set JAVA_HOME to a JDK $jdk_required that is already here.
MESSAGE
    return 1
}

find_jdk
