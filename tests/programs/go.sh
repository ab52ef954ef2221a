# Go: a program of goroutines, then tests of its own library.
# guests: riscv64 aarch64
# parts: strings sync math os/signal
# level: long
# timeout: 900
set -eu
export GOCACHE=/tmp/gocache GOPATH=/tmp/go GOPROXY=off GOTOOLCHAIN=local
go test -p 2 -short "$1"
