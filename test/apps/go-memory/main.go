// Fills memory when it boots, and afterwards looks whether it is still what it should be, while Go's collector
// and scavenger do with it what they do. Each path of an HTTP request is one such thing; the answer is a line,
// and its status 500 where a byte was wrong. Knows nothing of snapshots.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
)

const firstPassedFd = 3

func main() {
	passed := os.NewFile(firstPassedFd, "the passed socket")
	listener, err := net.FileListener(passed)
	if err != nil {
		log.Fatal(err)
	}
	if err := passed.Close(); err != nil {
		log.Fatal(err)
	}
	memory, err := newMemory()
	if err != nil {
		log.Fatal(err)
	}
	things := map[string]func() (string, error){
		"/whole":    memory.look,
		"/rounds":   memory.playRounds,
		"/zeros":    memory.askForZeros,
		"/released": memory.seeReleased,
		"/discard":  memory.discard,
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		answer(connection, things)
	}
}

func answer(connection net.Conn, things map[string]func() (string, error)) {
	defer connection.Close()
	request, err := bufio.NewReader(connection).ReadString('\n')
	words := strings.Fields(request)
	if err != nil || len(words) < 2 {
		return
	}
	status, text := "404 Not Found", "there is no such path"
	if thing, known := things[words[1]]; known {
		status = "200 OK"
		if text, err = thing(); err != nil {
			status, text = "500 Wrong", err.Error()
		}
	}
	const head = "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
	fmt.Fprintf(connection, head+"%s\n", status, len(text)+1, text)
}
