// Says of each workload of a text of manifests whether Pod Security lets its pods in: the very code of Kubernetes' admission,
// without a server. Reads YAML from its input, writes a line of JSON for each workload.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

type workload struct {
	Kind     string            `json:"kind"`
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     struct {
		Template *corev1.PodTemplateSpec `json:"template"`
	} `json:"spec"`
}

type verdict struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason"`
}

func main() {
	level := flag.String("level", "restricted", "privileged, baseline or restricted")
	flag.Parse()
	if err := judge(*level, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(levelName string, in io.Reader, out io.Writer) error {
	level, err := api.ParseLevel(levelName)
	if err != nil {
		return err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(in))
	lines := json.NewEncoder(out)
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var each workload
		if err := yaml.Unmarshal(document, &each); err != nil || each.Spec.Template == nil {
			// Of another shape: no workload.
			continue
		}
		template := each.Spec.Template
		results := evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: api.LatestVersion()}, &template.ObjectMeta, &template.Spec)
		result := policy.AggregateCheckResults(results)
		said := verdict{Kind: each.Kind, Name: each.Metadata.Name, Allowed: result.Allowed, Reason: result.ForbiddenDetail()}
		if err := lines.Encode(said); err != nil {
			return err
		}
	}
}
