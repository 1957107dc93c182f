// A peer: grpc-gateway in front of the bench's gRPC service. Takes its address, prints the one it listens at.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	"bench/orderpb"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
)

func main() {
	// The body holds more than the message takes, as it does for every target.
	json := &runtime.JSONPb{
		MarshalOptions:   protojson.MarshalOptions{UseProtoNames: true},
		UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: true},
	}
	mux := runtime.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard, json))
	insecurely := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if err := orderpb.RegisterOrdersHandlerFromEndpoint(context.Background(), mux, os.Args[1], insecurely); err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	panic(http.Serve(listener, mux))
}
