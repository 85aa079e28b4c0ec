// hpub publishes over HTTP at a given rate, or as fast as the answers come, and prints one line of
// JSON: what was acknowledged, how fast, and how long each request took.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	url         = flag.String("url", "", "where to POST")
	key         = flag.String("key", "", "value of X-API-Key")
	channel     = flag.String("channel", "", "channel; empty: the message alone is the body")
	rate        = flag.Float64("rate", 0, "requests a second; 0: as fast as the answers come")
	seconds     = flag.Float64("seconds", 5, "how long")
	keys        = flag.Int("keys", 0, "messages go round so many keys of the channel; 0: they have none")
	size        = flag.Int("size", 200, "bytes of a message")
	channels    = flag.Int("channels", 1, "messages go round so many; {n} in url and channel is which")
	connections = flag.Int("connections", 64, "connections, each with one request under way")
)

type worker struct {
	client *http.Client
	pad    string
	took   []float64
	bad    int
}

func main() {
	flag.Parse()
	transport := &http.Transport{MaxIdleConnsPerHost: *connections, MaxConnsPerHost: *connections}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	pad := strings.Repeat("x", max(0, *size-60))

	due := make(chan int)
	workers := make([]worker, *connections)
	var wait sync.WaitGroup
	began := time.Now()
	for i := range workers {
		workers[i] = worker{client: client, pad: pad}
		wait.Add(1)
		go func() {
			defer wait.Done()
			for id := range due {
				workers[i].publish(id)
			}
		}()
	}
	schedule(due, began)
	wait.Wait()
	report(workers, time.Since(began).Seconds())
}

// schedule hands out the numbers of the messages, each when it is due and a connection is free for it.
func schedule(due chan<- int, began time.Time) {
	end := began.Add(time.Duration(*seconds * float64(time.Second)))
	for id := 0; time.Now().Before(end); id++ {
		if *rate > 0 {
			time.Sleep(time.Until(began.Add(time.Duration(float64(id) / *rate * float64(time.Second)))))
		}
		due <- id
	}
	close(due)
}

func (w *worker) publish(id int) {
	now := float64(time.Now().UnixNano()) / 1e9
	body := fmt.Sprintf(`{"t":%.6f,"id":%d,"type":"order.created","pad":"%s"}`, now, id, w.pad)
	number := strconv.Itoa(id % *channels)
	if *channel != "" {
		name := strings.ReplaceAll(*channel, "{n}", number)
		body = fmt.Sprintf(`{"channel":"%s",%s"data":%s}`, name, keyOf(id), body)
	}
	request, err := http.NewRequest("POST", strings.ReplaceAll(*url, "{n}", number), bytes.NewReader([]byte(body)))
	if err != nil {
		w.fail(err.Error())
		return
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-API-Key", *key)
	sent := time.Now()
	response, err := w.client.Do(request)
	if err != nil {
		w.fail(err.Error())
		return
	}
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != 200 || bytes.Contains(text, []byte(`"error"`)) {
		w.fail(fmt.Sprint(response.StatusCode, " ", string(text)))
		return
	}
	w.took = append(w.took, time.Since(sent).Seconds()*1e3)
}

func keyOf(id int) string {
	if *keys == 0 {
		return ""
	}
	return fmt.Sprintf(`"key":"k%d",`, id%*keys)
}

func (w *worker) fail(why string) {
	if w.bad == 0 {
		fmt.Fprintln(os.Stderr, why)
	}
	w.bad++
}

func report(workers []worker, elapsed float64) {
	var took []float64
	bad := 0
	for _, w := range workers {
		took = append(took, w.took...)
		bad += w.bad
	}
	sort.Float64s(took)
	at := func(share float64) float64 {
		if len(took) == 0 {
			return 0
		}
		return took[int(float64(len(took)-1)*share)]
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"acknowledged": len(took), "bad": bad, "seconds": elapsed,
		"perSecond": float64(len(took)) / elapsed, "p50": at(0.5), "p99": at(0.99),
	})
}
