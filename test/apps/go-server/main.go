// Counts visits in a log file. It knows nothing of snapshots, nor of systemd.
package main

import (
	"bytes"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	visits, err := os.OpenFile("visits.log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	logger := log.New(visits, "", log.LstdFlags)
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		logger.Print(request.URL.Path)
		lines, err := os.ReadFile("visits.log")
		if err != nil {
			http.Error(response, err.Error(), http.StatusInternalServerError)
			return
		}
		response.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(response, "{\"visits\": %d}", bytes.Count(lines, []byte("\n")))
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:5067", nil))
}
