#!/usr/bin/env bash
# load.sh [SECONDS]: asks the ready pods of examples/web one after the other, as a load balancer would, and counts the answers;
# without SECONDS until it is told to end (SIGTERM, Ctrl-C). It asks kubectl for the pods all the time; one that is being deleted
# gets no more requests.
set -euo pipefail
end=${1:+$((SECONDS + $1))}
answers=0 failures=0 told=
trap 'told=yes' TERM INT
declare -A versions

# uid, whether it is ready, and when it is to be deleted, for each pod; prints the addresses of those to be asked
addresses() {
  kubectl get pods -n web -l app=web -o jsonpath='{range .items[*]}{.metadata.uid}{" "}{.status.conditions[?(@.type=="Ready")].status}{" "}{.metadata.deletionTimestamp}{"\n"}{end}' |
    while read -r uid ready deleted; do
      if [[ $ready == True && -z $deleted ]]; then
        printf '127.%d.%d.%d\n' $((16#${uid:0:2} % 254 + 1)) $((16#${uid:2:2} % 254 + 1)) $((16#${uid:4:2} % 254 + 1))
      fi
    done
}

ask() {  # one HTTP request with nothing but bash
  exec 3<>"/dev/tcp/$1/8080" || return 1
  printf 'GET / HTTP/1.0\r\n\r\n' >&3
  local answer
  answer=$(timeout 10 cat <&3) || return 1
  exec 3>&- 3<&-
  [[ $answer == HTTP/1.0\ 200* ]] || return 1
  version=${answer##*version }
  version=${version%%.*}
}

over=
until [[ $over ]]; do
  if [[ $told ]] || { [[ $end ]] && ((SECONDS >= end)); }; then over=yes; fi  # one more time then, of pods as they are now
  listed=${EPOCHREALTIME/[.,]/}  # microseconds
  mapfile -t pods < <(addresses)
  for round in 1 2 3 4 5; do
    ((round == 1 || ${EPOCHREALTIME/[.,]/} - listed < 2000000)) || break  # old news
    for pod in "${pods[@]}"; do
      if ask "$pod" 2>/dev/null; then
        answers=$((answers + 1)) versions[$version]=$((${versions[$version]:-0} + 1))
      else
        failures=$((failures + 1))
      fi
    done
    sleep 0.02
  done
done
for version in "${!versions[@]}"; do
  printf 'version %s: %d answers\n' "$version" "${versions[$version]}"
done | sort
printf '%d answers, %d failed\n' "$answers" "$failures"
((answers > 0 && failures == 0))
