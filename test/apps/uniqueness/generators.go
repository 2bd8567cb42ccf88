// Tells what each of Go's generators gives at this moment. It knows nothing of snapshots.
package main

import (
	cryptorand "crypto/rand"
	"encoding/hex"
	"encoding/json"
	"log"
	"math/rand"
	randv2 "math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

func main() {
	seeded := rand.New(rand.NewSource(time.Now().UnixNano()))
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		bytes := make([]byte, 16)
		if _, err := cryptorand.Read(bytes); err != nil {
			http.Error(response, err.Error(), http.StatusInternalServerError)
			return
		}
		response.Header().Set("Content-Type", "application/json")
		response.Header().Set("Connection", "close")
		_ = json.NewEncoder(response).Encode(map[string]string{
			"crypto/rand":             hex.EncodeToString(bytes),
			"math/rand":               strconv.FormatUint(rand.Uint64(), 16),
			"math/rand/v2":            strconv.FormatUint(randv2.Uint64(), 16),
			"math/rand, seeded once":  strconv.FormatUint(seeded.Uint64(), 16),
		})
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:5086", nil))
}
