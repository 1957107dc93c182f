#!/bin/sh
# Builds the peer into the folder that is given, outside of this repository: ./build.sh /tmp/peer. Wants Go and protoc, and
# on the PATH protoc-gen-go, protoc-gen-go-grpc and protoc-gen-grpc-gateway (each by "go install …@latest").
set -e
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/orderpb"
cp "$here/main.go" "$1/"
cd "$1"
${PROTOC:-protoc} -I "$here/.." --go_out=. --go_opt=module=bench --go-grpc_out=. --go-grpc_opt=module=bench \
  --grpc-gateway_out=. --grpc-gateway_opt=module=bench --grpc-gateway_opt=generate_unbound_methods=true order.proto
[ -f go.mod ] || go mod init bench
go mod tidy
go build -o grpc-gateway .
echo "$1/grpc-gateway"
